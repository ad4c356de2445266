import { existsSync, readdirSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, it } from '@jest/globals'
import { processInfo } from '#runtime/embedded/process-info.ts'
import {
  type Fixture,
  type FixtureOptions,
  functionSource,
  onceThereIs,
  startFixture,
  until,
} from '../gateway/fixture.ts'
import { startLoad } from './load.ts'
import { callAtRetirement, RETIREMENT_MS } from './retirement.ts'

const answer = functionSource(
  `(request, response) => { request.resume(); request.on('end', () => response.end('ok')) }`,
)
/** Answers when the file is there that the query names. */
const hold = functionSource(`(request, response) => {
  const file = new URL(request.url, 'http://f').searchParams.get('until')
  const look = () => fs.existsSync(file) ? response.end('late') : setTimeout(look, 5)
  look()
}`)
const slowStart = onceThereIs('go', answer)
const crash = functionSource(`() => process.exit(7)`)
const never = `setInterval(() => {}, 1000); process.on('disconnect', () => process.exit())`
const brokenStart = `require('node:fs').appendFileSync(process.env.STARTS, '1\\n'); console.error('cannot start'); process.exit(3)`

let fixture: Fixture
const start = async (options: FixtureOptions) => {
  fixture = await startFixture(options)
  return fixture
}
afterEach(async () => {
  const { pools, socketDir, errors } = fixture
  const pids = ['f', 'crash'].flatMap((name) => pools.get(name)?.pids() ?? [])
  await fixture.stop()
  expect(errors).toEqual([])
  expect(existsSync(socketDir)).toBe(false)
  for (const pid of pids) expect(await processInfo(pid)).toBeUndefined()
})

const post = (name = 'f') => fetch(`${fixture.gateway.url}/function/${name}`, { method: 'POST', body: 'x' })

describe('waking', () => {
  it('refuses with 429 what exceeds the queue', async () => {
    await start({ functions: { f: slowStart }, limits: { maxWaiting: 10 } })
    const load = startLoad({ url: `${fixture.gateway.url}/function/f`, count: 50 })
    await until('all but those that wait are refused', () => fixture.gateway.metrics.invocations('f') === 40)
    fixture.write('go')
    expect(await load.statuses).toEqual({ 200: 10, 429: 40 })
  })

  it('gives up after its time when the function never gets ready', async () => {
    await start({ functions: { f: never }, limits: { maxWaitMs: 300, startMs: 600 } })
    const response = await post()
    expect([response.status, await response.json()]).toEqual([
      504,
      expect.objectContaining({ code: 'no_replica', retryable: true }),
    ])
    await until('it was killed', () => fixture.changes.some((line) => line.includes('ended (SIGKILL)')))
  })
})

describe('retiring', () => {
  it('never fails a request, 100 times at the very moment', async () => {
    await start({ functions: { f: answer }, idleMs: RETIREMENT_MS })
    const { failed, retired, living } = await callAtRetirement(100, fixture)
    expect(failed).toEqual([])
    // The race happened: many rounds met a retired replica, many a living one.
    expect(Math.min(retired, living)).toBeGreaterThan(10)
  })

  it('scales to zero when idle and frees the socket', async () => {
    await start({ functions: { f: answer }, idleMs: 50 })
    await post()
    const [pid] = fixture.starts()
    await until('no process', async () => (await processInfo(pid as number)) === undefined)
    await until('no socket', () => readdirSync(fixture.socketDir).length === 0)
    // The runtime hears of it a moment later.
    await until('none drains', () => fixture.pools.get('f')?.counts().draining === 0)
    expect(fixture.pools.get('f')?.counts()).toEqual({
      starting: 0,
      ready: 0,
      unready: 0,
      draining: 0,
      inflight: 0,
      waiting: 0,
      crashes: 0,
      allCrashes: 0,
      coldStarts: 1,
      lastColdStartMs: expect.any(Number),
    })
  })

  it('drains under load by hand without a failed request', async () => {
    await start({ functions: { f: answer }, definition: { scale: { min: 0, max: 2 } } })
    const load = startLoad({ url: `${fixture.gateway.url}/function/f`, perSecond: 20 })
    for (let round = 1; round <= 5; round++) {
      await until(
        `${round} starts`,
        () => fixture.starts().length >= round && (fixture.pools.get('f')?.counts().ready ?? 0) > 0,
      )
      fixture.pools.get('f')?.scale(0)
      expect((await post()).status).toBe(200)
      await until(
        'a retirement',
        () => fixture.changes.filter((line) => line.includes('ended (exit code 0)')).length >= round,
      )
    }
    await until('many calls are answered', () => fixture.gateway.metrics.invocations('f') > 20)
    load.end()
    expect(Object.keys(await load.statuses)).toEqual(['200'])
  })
})

describe('more replicas', () => {
  it('come only while the first stays full, and never beyond the maximum', async () => {
    await start({
      functions: { f: hold },
      definition: { scale: { min: 0, max: 2 } },
      limits: { concurrency: 4, saturatedMs: 200 },
    })
    const url = `${fixture.gateway.url}/function/f`
    const held = (n: number, file: string) =>
      Array.from({ length: n }, () => fetch(`${url}?until=${fixture.root}/${file}`))
    const few = held(3, 'few')
    await until('three are held', () => fixture.pools.get('f')?.counts().inflight === 3)
    // More would have come by now.
    await sleep(400)
    expect(fixture.starts()).toHaveLength(1)
    const many = held(12, 'many')
    await until('the second is ready', () => fixture.pools.get('f')?.counts().ready === 2)
    await sleep(400)
    for (const file of ['few', 'many']) fixture.write(file)
    await Promise.all([...few, ...many])
    expect(fixture.starts()).toHaveLength(2)
    expect(fixture.pools.get('f')?.counts()).toMatchObject({ coldStarts: 1, allCrashes: 0 })
  })
})

describe('a crash', () => {
  it('is a retryable 502 and a new replica for the next call, with pauses after five', async () => {
    await start({ functions: { crash, f: brokenStart }, limits: { firstPauseMs: 60_000, maxWaitMs: 15_000 } })
    for (let i = 1; i <= 5; i++) {
      const response = await post('crash')
      expect([response.status, await response.json()]).toEqual([
        502,
        expect.objectContaining({ retryable: true, code: 'crashed' }),
      ])
      await until(`crash ${i}`, () => fixture.pools.get('crash')?.counts().crashes === i)
    }
    expect((await post('crash')).status).toBe(504)
    expect(fixture.starts()).toHaveLength(5)
    expect(fixture.gateway.metrics.errors('crash')).toBe(6)
    expect(fixture.pools.get('crash')?.counts()).toMatchObject({ coldStarts: 5, allCrashes: 5 })
  })

  it('at the start is tried five times, its output is in the log', async () => {
    await start({ functions: { f: brokenStart }, limits: { firstPauseMs: 60_000, maxWaitMs: 5_000 } })
    // Five starts may take a slow machine longer than a call waits.
    do expect((await post()).status).toBe(504)
    while (fixture.pools.get('f')?.counts().allCrashes !== 5)
    expect(fixture.starts()).toHaveLength(5)
    await until('all is in the log', () => fixture.log('f') === 'cannot start\n'.repeat(5))
  })
})

describe('the end of the runtime', () => {
  it('lets what is in flight finish', async () => {
    await start({ functions: { f: hold } })
    const response = fetch(`${fixture.gateway.url}/function/f?until=${fixture.root}/go`)
    await until('in flight', () => fixture.pools.get('f')?.counts().inflight === 1)
    const closed = fixture.gateway.close(20_000)
    const stopped = fixture.pools.stop()
    fixture.write('go')
    await stopped
    expect(await (await response).text()).toBe('late')
    await closed
  })
})
