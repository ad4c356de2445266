import { describe, expect, it } from '@jest/globals'
import { processInfo } from '#runtime/embedded/process-info.ts'
import { functionSource, until } from '../gateway/fixture.ts'
import { startLoad } from './load.ts'
import { startRuntime } from './runtime.ts'

const answer = functionSource(
  `(request, response) => { request.resume(); request.on('end', () => response.end('ok')) }`,
)
const slowStart = `const begin = Date.now(); while (Date.now() - begin < 500);${answer}`

describe('a cold function', () => {
  it('answers 10,000 requests at once with one start', async () => {
    // A slow machine answers them for longer than a call waits.
    const runtime = await startRuntime({ functions: { f: slowStart }, limits: { maxWaitMs: 100_000 } })
    const load = startLoad({ url: `${runtime.url}/function/f`, count: 10_000 })
    expect(await load.statuses).toEqual({ 200: 10_000 })
    expect(runtime.starts()).toHaveLength(1)
    await runtime.stop()
  })
})

describe('a SIGKILL of the runtime', () => {
  it('leaves no replica behind, busy or idle', async () => {
    const hang = functionSource(`(request, response) => { if (request.url === '/') response.end('ok') }`)
    const runtime = await startRuntime({ functions: { f: hang } })
    await fetch(`${runtime.url}/function/f`, { method: 'POST' })
    const busy = fetch(`${runtime.url}/function/f/hang`, { method: 'POST' }).catch((error: Error) => error.name)
    const [pid] = runtime.starts()
    expect(await processInfo(pid as number)).toMatchObject({ parent: runtime.child.pid })
    runtime.child.kill('SIGKILL')
    await until('the replica gone', async () => (await processInfo(pid as number)) === undefined)
    expect(await busy).toBe('TypeError')
  })
})
