import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { type Lease, openLeases } from '#shared/bus/lease.ts'
import type { Sql } from '#shared/state/sql.ts'
import { until } from '#test/connector/harness.ts'
import { freshDatabase, type TestDatabase } from '#test/postgres.ts'

const EIGHT = ['0', '1', '2', '3', '4', '5', '6', '7']

let test: TestDatabase
let open: Lease[]
beforeEach(async () => {
  test = await freshDatabase()
  open = []
})
afterEach(async () => {
  await Promise.all(open.map((lease) => lease.leave()))
  await test.drop()
})

/** A connector that takes part; `frozen` looks fail as if it were stopped. */
function connector(holder: string, expiryMs = 60_000) {
  let frozen = false
  let queries = 0
  const sql: Sql = {
    query(text, values) {
      queries++
      return frozen ? Promise.reject(new Error('frozen')) : test.database.query(text, values)
    },
  }
  const leases = openLeases(sql, { holder, expiryMs, lookMs: 20 })
  const told: Record<string, string[][]> = {}
  return {
    leases,
    told,
    part: (pool = 'p') => told[pool]?.at(-1) ?? [],
    freeze: (on: boolean) => {
      frozen = on
    },
    queries: () => queries,
    async join(pool = 'p', shares = EIGHT) {
      const list: string[][] = []
      told[pool] = list
      const lease = await leases.join(pool, shares, (part) => list.push(part))
      open.push(lease)
      return lease
    },
  }
}
type Taker = ReturnType<typeof connector>

const sizes = (...takers: Taker[]) => takers.map((one) => one.part().length).sort()
const shared = (...takers: Taker[]) => takers.flatMap((one) => one.part()).sort()

describe('shares among connectors', () => {
  it('are all of the one who is alone, who is told before join resolves', async () => {
    const a = connector('a')
    await a.join()
    expect(a.told.p).toEqual([EIGHT])
  })

  it('go to newcomers fairly, each to one alone', async () => {
    const [a, b, c] = [connector('a'), connector('b'), connector('c')]
    await a.join()
    await b.join()
    await until(() => `${sizes(a, b)}` === '4,4')
    expect(shared(a, b)).toEqual(EIGHT)
    await c.join()
    await until(() => `${sizes(a, b, c)}` === '2,3,3')
    expect(shared(a, b, c)).toEqual(EIGHT)
  })

  it('are never told to two at once while they move', async () => {
    const takers = ['a', 'b', 'c', 'd'].map((holder) => connector(holder))
    const owners = new Map<string, string>()
    let twice = 0
    await Promise.all(
      takers.map(({ leases }, i) =>
        leases
          .join('q', EIGHT, (part) => {
            for (const share of EIGHT) {
              if (part.includes(share)) {
                if ((owners.get(share) ?? `${i}`) !== `${i}`) twice++
                owners.set(share, `${i}`)
              } else if (owners.get(share) === `${i}`) owners.delete(share)
            }
          })
          .then((lease) => open.push(lease)),
      ),
    )
    await until(() => EIGHT.every((share) => owners.has(share)) && new Set(owners.values()).size === 4)
    expect(twice).toBe(0)
  })

  it('of pools with one share do not all go to one connector', async () => {
    const [a, b] = [connector('a'), connector('b')]
    const pools = Array.from({ length: 16 }, (_, i) => `pool-${i}`)
    const held = (one: Taker) => pools.filter((pool) => one.part(pool).length === 1).length
    await Promise.all(pools.flatMap((pool) => [a.join(pool, ['only']), b.join(pool, ['only'])]))
    // Whoever joined first has them all until the other one is known.
    const whole = () => pools.every((pool) => a.part(pool).length + b.part(pool).length === 1)
    await until(() => whole() && held(a) > 2 && held(b) > 2)
  })

  it('are given back at once by leave', async () => {
    const [a, b] = [connector('a'), connector('b')]
    const lease = await a.join()
    await b.join()
    await until(() => `${sizes(a, b)}` === '4,4')
    await lease.leave()
    await until(() => b.part().length === 8)
  })

  it('of one who fell silent go to the others after the expiry, and not before', async () => {
    const [a, b] = [connector('a', 1_000), connector('b', 1_000)]
    await a.join()
    await b.join()
    await until(() => `${sizes(a, b)}` === '4,4')
    a.freeze(true)
    const { rows } = await test.database.query<{ expires_at: Date }>(
      `select expires_at from lease_holder where holder = 'a'`,
    )
    await until(() => b.part().length === 8)
    const { rows: after } = await test.database.query<{ over: boolean }>('select clock_timestamp() >= $1 as over', [
      rows[0]?.expires_at,
    ])
    expect(after).toEqual([{ over: true }])
    a.freeze(false)
    await until(() => `${shared(a, b)}` === `${EIGHT}`)
  })

  it('come back at once to one who is started anew in the same place', async () => {
    const before = connector('a')
    await before.join()
    before.freeze(true)
    const after = connector('a')
    await after.join()
    expect(after.part()).toEqual(EIGHT)
  })

  it('are looked at often and written rarely', async () => {
    const a = connector('a')
    await a.join()
    const version = async () =>
      (
        await test.database.query<{ xmin: string; ctid: string }>(
          'select h.xmin::text, h.xmax::text, h.ctid::text, l.xmax::text as lx, l.ctid::text as lc from lease_holder h join lease l using (holder)',
        )
      ).rows
    const before = await version()
    const asked = a.queries()
    await until(() => a.queries() > asked + 20)
    expect(await version()).toEqual(before)
  })

  it('refuse to be joined while the database is down, and can be joined after', async () => {
    const a = connector('a')
    a.freeze(true)
    await expect(a.join()).rejects.toThrow('frozen')
    a.freeze(false)
    await a.join()
    expect(a.part()).toEqual(EIGHT)
  })
})
