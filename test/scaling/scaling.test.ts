import { afterEach, describe, expect, it } from '@jest/globals'
import type { Scale } from '#runtime/stack/types.ts'
import { type Fixture, type FixtureOptions, functionSource, startFixture, until } from '../gateway/fixture.ts'

// So long that what lies between two calls of a busy machine hardly lowers the load.
const hold = functionSource(`(request, response) => setTimeout(() => response.end(String(process.pid)), 1000)`)

let fixture: Fixture
const start = async (scale: Scale, options: Omit<FixtureOptions, 'functions'> = {}) => {
  fixture = await startFixture({ functions: { f: hold }, ...options, definition: { scale } })
}
afterEach(async () => {
  await fixture.stop()
  expect(fixture.errors).toEqual([])
})

const call = async () => {
  const response = await fetch(`${fixture.gateway.url}/function/f`)
  return { status: response.status, pid: await response.text() }
}
const counts = () => fixture.pools.get('f')?.counts()
const pids = () => fixture.pools.get('f')?.pids() ?? []

/** Keeps so many calls in flight until it is told to end; returns the statuses and who answered. */
const keepInFlight = (n: number) => {
  let over = false
  const statuses = new Set<number>()
  const pids = new Set<string>()
  const one = async () => {
    while (!over) {
      const { status, pid } = await call()
      statuses.add(status)
      pids.add(pid)
    }
  }
  const all = Promise.all(Array.from({ length: n }, one))
  return {
    pids,
    end: async () => {
      over = true
      await all
      return [...statuses]
    },
  }
}

describe('a function with a load rule', () => {
  const load = { type: 'capacity', target: 2, proportion: 1, downWindowMs: 0 } as const

  it('gets as many replicas as its calls in flight need, uses them all, and gives them back, without a failed call', async () => {
    await start({ min: 0, max: 5, load })
    // 5.4 of 2 each, as one of six is often between two calls.
    const six = keepInFlight(6)
    await until('three serve', () => counts()?.ready === 3)
    six.pids.clear()
    await until('all of them answer', () => pids().length === 3 && pids().every((pid) => six.pids.has(`${pid}`)))
    expect(await six.end()).toEqual([200])
    const one = keepInFlight(1)
    await until('one is left', () => counts()?.ready === 1 && counts()?.draining === 0)
    expect(await one.end()).toEqual([200])
  })

  it('is replaced by as many as it had, without a failed call', async () => {
    await start({ min: 0, max: 5, load })
    const six = keepInFlight(6)
    await until('three serve', () => counts()?.ready === 3)
    const definition = fixture.deployments.get('f')
    if (!definition) throw new Error('f is not deployed')
    await fixture.deployments.apply({ ...definition, environment: { ROUND: '2' } })
    await fixture.deployments.settled()
    const { ready = 0, starting = 0 } = counts() ?? {}
    expect(ready + starting).toBe(3)
    await until('three serve again', () => counts()?.ready === 3)
    six.pids.clear()
    await until('all of them answer', () => pids().length === 3 && pids().every((pid) => six.pids.has(`${pid}`)))
    expect(await six.end()).toEqual([200])
  })

  it('never exceeds its maximum', async () => {
    await start({ min: 0, max: 2, load })
    const calls = keepInFlight(12)
    await until('two serve', () => counts()?.ready === 2)
    await until('all have been called', () => calls.pids.size === 2)
    expect(await calls.end()).toEqual([200])
    expect(fixture.starts()).toHaveLength(2)
  })
})

describe('a function that wakes to two', () => {
  it('has both until it has been idle, then none', async () => {
    await start({ min: 0, max: 2, awake: 2, idleMs: 400 })
    expect((await call()).status).toBe(200)
    await until('two have served', () => fixture.changes.filter((line) => line.includes(' ready after ')).length === 2)
    await until('none is left', () => counts()?.ready === 0 && counts()?.draining === 0)
    expect(fixture.starts()).toHaveLength(2)
  })
})
