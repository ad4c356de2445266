import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from '@jest/globals'
import { Client } from 'undici'
import type { Probe } from '#runtime/stack/types.ts'
import { type Fixture, type FixtureOptions, functionSource, startFixture, until } from '../gateway/fixture.ts'

/** `/turn/<path>` turns that path's answer into 503 for ever, or `/turn-back/<path>` back again. */
const turning = functionSource(`(() => {
  const bad = new Set(process.env.BAD ? [process.env.BAD] : [])
  return (request, response) => {
    const [, turn, path] = /^\\/(turn|turn-back)(\\/.*)$/.exec(request.url) ?? []
    if (turn === 'turn') bad.add(path)
    if (turn === 'turn-back') bad.delete(path)
    response.statusCode = bad.has(request.url) ? 503 : 200
    if (request.url === '/endless') return response.write('x'.repeat(100_000))
    response.end(String(process.pid))
  }
})()`)

const probe = (path: string, changed: Partial<Probe> = {}): Probe => ({
  ...{ path, initialDelayMs: 0, periodMs: 20, timeoutMs: 30_000, failureThreshold: 2, successThreshold: 1 },
  ...changed,
})

let fixture: Fixture
const start = async (options: Omit<FixtureOptions, 'functions'>) => {
  fixture = await startFixture({ functions: { f: turning }, ...options })
}
afterEach(async () => {
  await fixture.stop()
  expect(fixture.errors).toEqual([])
})

const get = async (path = '/') => {
  const response = await fetch(`${fixture.gateway.url}/function/f${path}`)
  return { status: response.status, pid: Number(await response.text()) }
}
const counts = () => fixture.pools.get('f')?.counts()
const told = (what: string) => fixture.changes.filter((line) => line.includes(what))

describe('a readiness probe', () => {
  it('keeps calls away until the replica passes it again', async () => {
    await start({ definition: { probes: { ready: probe('/well') } } })
    const { pid } = await get()
    await get('/turn/well')
    await until('it is seen', () => counts()?.unready === 1)
    expect(told('gets no calls')).toEqual([
      'f: replica 1 gets no calls: its readiness probe /well answered 503, 2 times in a row',
    ])
    const waiting = get()
    await until('the call waits', () => counts()?.waiting === 1)
    // Nobody can reach it through the gateway now, so it is turned back over its own socket.
    const [socket = ''] = readdirSync(fixture.socketDir)
    const direct = new Client('http://f', { socketPath: join(fixture.socketDir, socket) })
    await direct.request({ path: '/turn-back/well', method: 'GET' })
    await direct.close()
    expect(await waiting).toEqual({ status: 200, pid })
  })

  it('is passed before the first call, however many successes it asks for', async () => {
    await start({ definition: { probes: { ready: probe('/well', { successThreshold: 5, periodMs: 50 }) } } })
    const began = performance.now()
    await get()
    expect(performance.now() - began).toBeGreaterThan(200)
    expect(told('passes its readiness probe')).toHaveLength(1)
  })

  it('leaves the calls to the other replicas meanwhile', async () => {
    await start({ definition: { scale: { min: 2, max: 2 }, probes: { ready: probe('/well') } } })
    await until('both', () => counts()?.ready === 2)
    const { pid } = await get()
    await get('/turn/well')
    await until('one is left', () => counts()?.unready === 1)
    const others = await Promise.all(Array.from({ length: 20 }, () => get()))
    for (const other of others) expect(other.status).toBe(200)
    expect(others.map((one) => one.pid)).not.toContain(pid)
  })

  it('that is never passed fails a rollout, and the old revision goes on', async () => {
    await start({ definition: { probes: { ready: probe('/well') } } })
    const { pid } = await get()
    const definition = fixture.deployments.get('f')
    if (!definition) throw new Error('f is not deployed')
    await fixture.deployments.apply({ ...definition, environment: { BAD: '/well' } })
    await fixture.deployments.settled()
    expect(fixture.deployments.state('f')).toMatchObject({
      rollout: 'failed',
      fault: 'it was never ready: its readiness probe /well answered 503, 2 times in a row',
    })
    expect((await get()).pid).toBe(pid)
  })
})

describe('a liveness probe', () => {
  it('replaces a replica that fails it, without a failed call', async () => {
    await start({ definition: { probes: { live: probe('/well') } } })
    const { pid } = await get()
    await get('/turn/well')
    const statuses = new Set<number>()
    let other = pid
    await until('another answers', async () => {
      const answer = await get()
      statuses.add(answer.status)
      other = answer.pid
      return other !== pid
    })
    expect([...statuses]).toEqual([200])
    expect(told('is replaced')).toEqual([
      'f: replica 1 is replaced: its liveness probe /well answered 503, 2 times in a row',
    ])
  })

  it('reads no more of an answer than its status', async () => {
    await start({ definition: { probes: { live: probe('/endless', { failureThreshold: 1 }) } } })
    const { pid } = await get()
    for (let i = 0; i < 20; i++) expect((await get()).pid).toBe(pid)
    expect(told('is replaced')).toEqual([])
  })

  it('waits for its answer no longer than it says', async () => {
    const mute = functionSource(
      `(request, response) => { if (request.url !== '/mute') response.end(String(process.pid)) }`,
    )
    fixture = await startFixture({
      functions: { f: mute },
      definition: { probes: { live: probe('/mute', { timeoutMs: 50, failureThreshold: 1 }) } },
    })
    await get()
    await until('it is seen', () => told('is replaced').length > 0)
    expect(told('is replaced')[0]).toContain('its liveness probe /mute gave no answer within 50 ms, 1 times in a row')
  })
})
