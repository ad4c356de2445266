import { mkdirSync } from 'node:fs'
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { join } from 'node:path'
import { afterEach, expect, it } from '@jest/globals'
import { bodyReader } from '#runtime/gateway/body.ts'
import { createMetrics } from '#runtime/gateway/metrics.ts'
import { createPlatform } from '#runtime/gateway/platform.ts'
import { Refused } from '#runtime/gateway/problem.ts'
import type { Route } from '#runtime/gateway/routes/route.ts'
import { functionSource, startFixture } from './fixture.ts'

const ends: (() => unknown)[] = []
afterEach(() => Promise.all(ends.splice(0).map((end) => end())))

/** The platform's side alone; `handled` is what became of its first request. */
const serve = async (route: Route) => {
  const metrics = createMetrics(() => [], { get: () => undefined })
  const platform = createPlatform([route], metrics, bodyReader(), new AbortController().signal)
  let tell: (handling: Promise<void>) => void
  const handled = new Promise<void>((resolve) => {
    tell = resolve
  })
  const server = createServer((request, response) => tell(platform.handle('/there', '', request, response)))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  ends.push(() => server.close())
  return { port: (server.address() as AddressInfo).port, handled }
}

const place = { methods: ['POST'], pattern: /^\/there$/, label: undefined }

it('takes a client that breaks off its body for gone, and asks nothing of the route', async () => {
  let asked = 0
  const answer = () => {
    asked++
    return { status: 200 }
  }
  const { port, handled } = await serve({ ...place, answer })
  const socket = connect(port, '127.0.0.1', () => {
    socket.write('POST /there HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc', () => socket.end())
  })
  socket.on('error', () => {})
  socket.resume()
  await handled
  expect(asked).toBe(0)
})

it('breaks off a stream that is refused after its head', async () => {
  const problem = { status: 404, title: 'Gone', detail: 'gone', code: 'not_found' }
  const { port } = await serve({
    ...place,
    stream: async (_, response) => {
      await new Promise<void>((resolve) => response.writeHead(200).write('first', () => resolve()))
      throw new Refused(problem)
    },
  })
  const response = await fetch(`http://127.0.0.1:${port}/there`, { method: 'POST' })
  expect(response.status).toBe(200)
  await expect(response.text()).rejects.toThrow('terminated')
})

it('breaks off a log that cannot be read, and tells why', async () => {
  const fixture = await startFixture({ functions: { f: functionSource('(_, response) => response.end()') } })
  ends.push(fixture.stop)
  mkdirSync(join(fixture.root, 'logs', 'f.log'), { recursive: true })
  const response = await fetch(`${fixture.gateway.url}/system/logs?name=f`)
  expect(response.status).toBe(200)
  await expect(response.text()).rejects.toThrow('terminated')
  expect(fixture.errors).toMatchObject([{ code: 'EISDIR' }])
})
