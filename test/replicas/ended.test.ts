import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, it } from '@jest/globals'
import { type Fixture, functionSource, startFixture, until } from '../gateway/fixture.ts'

/** What a socket's buffer holds, beyond the first chunk that is read of it. */
const BYTES = 150_000

let fixture: Fixture
afterEach(() => fixture.stop())

it('reads what a replica answered before it ended', async () => {
  const answerAndEnd = `(request, response) => {
    request.resume()
    response.on('finish', () => process.exit(0)).end(Buffer.alloc(${BYTES}))
  }`
  fixture = await startFixture({ functions: { f: functionSource(answerAndEnd) } })
  const lease = await fixture.pools.get('f')?.acquire({ cancelled: false, onCancel: undefined })
  let read = 0
  const answer = new Promise<string>((resolve) => {
    lease?.client.dispatch(
      { method: 'GET', path: '/', headers: [] },
      {
        onRequestStart() {},
        onResponseStart() {},
        onResponseData(controller, chunk) {
          if (read === 0) {
            controller.pause()
            void until('the replica has ended', () => fixture.changes.some((line) => line.includes('ended'))).then(() =>
              controller.resume(),
            )
          }
          read += chunk.length
        },
        onResponseEnd: () => resolve('whole'),
        onResponseError: (_controller, error) => resolve(error.message),
      },
    )
  })
  expect(await answer).toBe('whole')
  expect(read).toBe(BYTES)
  lease?.release(true)
})

it('sends no call over a kept connection to a replica that has unlinked its socket', async () => {
  const answer = functionSource(
    `(request, response) => { request.resume(); request.on('end', () => response.end('ok')) }`,
  )
  fixture = await startFixture({ functions: { f: answer }, definition: { scale: { min: 0, max: 2 } } })
  const post = () => fetch(`${fixture.gateway.url}/function/f`, { method: 'POST', body: 'x' })
  expect((await post()).status).toBe(200)
  for (const socket of readdirSync(fixture.socketDir)) rmSync(join(fixture.socketDir, socket))
  expect((await post()).status).toBe(200)
  expect(fixture.starts()).toHaveLength(2)
})
