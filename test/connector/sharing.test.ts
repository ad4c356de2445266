import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import type { Connector } from '#runtime/connector/connector.ts'
import type { Invoke, InvokeRequest } from '#runtime/connector/types.ts'
import { openLeases } from '#shared/bus/lease.ts'
import type { Bus } from '#shared/bus/port.ts'
import { postgresBus } from '#shared/bus/postgres.ts'
import { transaction } from '#shared/state/transaction.ts'
import { answer, type Bench, consumer, openBench, readCall, until } from './harness.ts'

const PARTITIONS = [0, 1, 2, 3, 4, 5, 6, 7]
const reader = consumer('f', { topics: ['readings'] })

let bench: Bench
beforeEach(async () => {
  bench = await openBench()
  await bench.database.query('create table counted (id text, by text)')
})
afterEach(() => bench.end())

/** A function whose effects are counted without a unique key; without its position check it is broken on purpose. */
const counting =
  (by: string, { checksPosition = true, pauseMs = 0 } = {}): Invoke =>
  async (name, request) => {
    const { ids, first, next, headers } = readCall(request)
    if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs))
    try {
      await transaction(bench.database, async (sql) => {
        await sql.query('insert into counted select unnest($1::text[]), $2', [ids, by])
        const place = [name, headers['junction-topic'], headers['junction-partition']]
        if (checksPosition)
          await sql.query(`select position_claim($1, 'postgres', $2, $3, $4, $5)`, [...place, first, next])
        else
          await sql.query(
            'update position set next = greatest(next, $4) where consumer = $1 and topic = $2 and partition = $3',
            [...place, next],
          )
      })
      return answer(200, { next })
    } catch (error) {
      if ((error as { code?: string }).code === 'JN001') return answer(200, { next: '0', moved: true })
      throw error
    }
  }

const served = (connector: Connector) =>
  (connector.status().consumers[0]?.partitions ?? []).map(({ partition }) => partition).sort()

/** Appends to all partitions until told to stop; resolves to how many events there are. */
function load() {
  let stopping = false
  let n = 0
  const done = (async () => {
    while (!stopping) {
      await Promise.all(
        PARTITIONS.map((partition) =>
          bench.append(
            'readings',
            [0, 1, 2, 3, 4].map((i) => `${partition}-${n + i}`),
            { partition },
          ),
        ),
      )
      n += 5
    }
    return n * PARTITIONS.length
  })()
  return {
    stop() {
      stopping = true
      return done
    },
  }
}

async function workers(): Promise<string[]> {
  const { rows } = await bench.database.query<{ by: string }>('select distinct by from counted order by by')
  return rows.map(({ by }) => by)
}

async function counts() {
  const { rows } = await bench.database.query<{ id: string; n: number }>(
    'select id, count(*)::int as n from counted group by id',
  )
  return { different: rows.length, dup: rows.filter(({ n }) => n > 1).length, by: await workers() }
}

async function allDone(): Promise<boolean> {
  const { rows } = await bench.database.query(
    `select from log_partition l left join position p using (topic, partition)
     where l.topic = 'readings' and p.next is distinct from l.next_offset`,
  )
  return rows.length === 0
}

/** Three connectors come one after the other; one falls silent but works on, one leaves, all under load. */
async function moveShares(checksPosition: boolean) {
  let silent = false
  const silenced = openLeases(
    {
      query: (text, values) => (silent ? Promise.reject(new Error('silent')) : bench.database.query(text, values)),
    },
    { holder: 'a', expiryMs: 5_000, lookMs: 20 },
  )
  const writing = load()
  const a = bench.start([reader], counting('a', { checksPosition, pauseMs: 5 }), { leases: silenced })
  await until(() => served(a).length === 8)
  const b = bench.start([reader], counting('b', { checksPosition }))
  await until(() => served(a).length === 4 && served(b).length === 4)
  const c = bench.start([reader], counting('c', { checksPosition }))
  const sizes = () => [a, b, c].map((one) => served(one).length)
  await until(() => sizes().sort().join() === '2,3,3')
  expect([...served(a), ...served(b), ...served(c)].sort()).toEqual(PARTITIONS)
  await until(async () => (await workers()).length === 3, 'each has done something')
  silent = true
  await until(() => served(b).length === 4 && served(c).length === 4)
  await b.stop()
  await until(() => served(c).length === 8)
  const events = await writing.stop()
  await until(allDone, 'positions at the ends')
  await Promise.all([a.stop(), c.stop()])
  return { events, ...(await counts()) }
}

describe('connectors on one database', () => {
  it('lose nothing and do nothing twice while their shares move under load', async () => {
    const { events, different, dup, by } = await moveShares(true)
    expect({ events: events > 500, lost: events - different, dup, by }).toEqual({
      events: true,
      lost: 0,
      dup: 0,
      by: ['a', 'b', 'c'],
    })
  })

  it('control: without the check of the position the same shows duplicates', async () => {
    const { dup } = await moveShares(false)
    expect(dup).toBeGreaterThan(0)
  })

  it('tell of their own partitions alone, and say how far these are', async () => {
    const [a, b] = [bench.start([reader], counting('a')), bench.start([reader], counting('b'))]
    await until(() => served(a).length === 4 && served(b).length === 4)
    const own = served(a)
    await Promise.all(PARTITIONS.map((partition) => bench.append('readings', [`x-${partition}`], { partition })))
    await until(() =>
      [a, b].every((one) => one.status().consumers[0]?.partitions.every(({ position }) => position === '1')),
    )
    expect(served(a)).toEqual(own)
    expect(a.status().consumers[0]).toMatchObject({ lag: 0, state: 'running' })
    expect(await bench.registry.metrics()).toContain('junction_connector_lag_events{consumer="f",topic="readings"} 0')
    await b.stop()
    await until(() => served(a).length === 8)
    await bench.append('readings', ['y'], { partition: PARTITIONS.find((one) => !own.includes(one)) ?? 0 })
    await until(allDone)
  })

  it('call for the alarms of a function from one of them alone, and from the other when that one is gone', async () => {
    const city = new Date('2012-03-01T08:00:00Z')
    const clock = { now: async () => city }
    const calls: string[] = []
    const takeAlarm =
      (by: string): Invoke =>
      async (name: string, { body }: InvokeRequest) => {
        calls.push(by)
        const { plannedAt } = JSON.parse(body.toString())
        await bench.database.query('delete from alarm where consumer = $1 and at = $2', [name, plannedAt])
        return answer(200, {})
      }
    const alarm = (minute: number) =>
      bench.database.query('insert into alarm (consumer, at) values ($1, $2)', [
        'f',
        `2012-03-01T07:${String(minute).padStart(2, '0')}:00Z`,
      ])
    const alarms = async () => (await bench.database.query('select from alarm')).rows.length
    const holder = async () =>
      (await bench.database.query<{ holder: string }>(`select holder from lease where pool = 'ticks/f'`)).rows[0]
        ?.holder
    const leases = openLeases(bench.database, { holder: 'connector-0', expiryMs: 60_000, lookMs: 20 })
    const bus = postgresBus(bench.database, leases)
    let looks = 0
    const counted: Bus = {
      ...bus,
      ends: (topics) => {
        looks++
        return bus.ends(topics)
      },
    }
    const a = bench.start([reader], takeAlarm('a'), { clock, leases, bus: counted })
    await until(async () => (await holder()) === 'connector-0')
    const b = bench.start([reader], takeAlarm('b'), { clock })
    // The one share of the pool goes to whose name comes first by its hash: to the second here, who takes it from the first.
    await until(async () => (await holder()) === 'connector-1')
    // One look follows the other: what began while the alarms were the first one's has ended.
    const before = looks
    await until(() => looks > before + 1)
    for (let minute = 0; minute < 10; minute++) await alarm(minute)
    await until(async () => (await alarms()) === 0)
    expect(calls).toEqual(Array.from({ length: 10 }, () => 'b'))
    await b.stop()
    await alarm(10)
    await until(async () => (await alarms()) === 0)
    expect(calls.at(-1)).toBe('a')
    await a.stop()
  })
})
