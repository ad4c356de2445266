import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { replayDeadLetter } from '#runtime/dead-letters/replay.ts'
import { findDeadLetter, type WholeDeadLetter } from '#runtime/dead-letters/rows.ts'
import { RefusedEvent } from '#shared/bus/errors.ts'
import { openLeases } from '#shared/bus/lease.ts'
import type { Bus, BusEvent } from '#shared/bus/port.ts'
import { type PostgresBus, postgresBus } from '#shared/bus/postgres.ts'
import { freshDatabase, type TestDatabase } from '#test/postgres.ts'
import { answer, type Bench, consumer, fastTime, finish, openBench, refused, until } from './harness.ts'

let bench: Bench
let far: TestDatabase
let target: PostgresBus
beforeEach(async () => {
  bench = await openBench()
  far = await freshDatabase()
  target = postgresBus(far.database, openLeases(far.database, { holder: 'far', lookMs: 20 }))
})
afterEach(async () => {
  await bench.end()
  await far.drop()
})

/** The bus to relay to: its own log, appended to by way of `append`. */
const busThat = (append: (events: BusEvent[], real: Bus['append']) => Promise<void>): Bus => ({
  ...target,
  logOf: async () => 'far',
  append: (events) => append(events, target.append),
})

async function relayed(topic = 'readings', partition = 0): Promise<string[]> {
  const ids: string[] = []
  for (let offset = 0n; ; ) {
    const slice = await target.read({ topic, partition, offset }, { events: 1000, bytes: 1 << 20 })
    if (slice.events.length === 0) return ids
    ids.push(...slice.events.map(({ id }) => id))
    offset = slice.next
  }
}

const ids = (n: number, name = 'e') => Array.from({ length: n }, (_, i) => `${name}${i}`)
const appendReadings = (names: string[], partition = 0) => bench.append('readings', names, { partition })
const atEnd = async (n: number, partition = 0) => (await bench.position('relay', 'readings', partition)) === `${n}`
const never = async () => answer(500, '')

describe('the relay', () => {
  it('sends nothing again while only its position cannot be moved', async () => {
    const sent: string[] = []
    const bus = busThat(async (events) => {
      sent.push(...events.map(({ id }) => id))
    })
    await appendReadings(ids(3))
    const permit = await bench.refuse('position')
    bench.start([], never, { bus, relays: true })
    await refused(bench, 3)
    await permit()
    await until(() => atEnd(3))
    expect(sent).toEqual(ids(3))
  })

  it('forwards every topic, byte for byte and in order, and names where each event lay', async () => {
    const seen: BusEvent[] = []
    const bus = busThat(async (events, real) => {
      seen.push(...events)
      await real(events)
    })
    await appendReadings(ids(1200))
    await appendReadings(ids(3, 'p'), 5)
    await bench.append('traffic.states', ['s0'], { data: '"\\u0000 raw"' })
    bench.start([], never, { bus, relays: true })
    await until(async () => (await atEnd(1200)) && (await atEnd(3, 5)))
    await until(async () => (await relayed('traffic.states')).length === 1)
    expect(await relayed()).toEqual(ids(1200))
    expect(await relayed('readings', 5)).toEqual(ids(3, 'p'))
    const { events } = await target.read(
      { topic: 'traffic.states', partition: 0, offset: 0n },
      { events: 1, bytes: 100 },
    )
    expect(events[0]).toMatchObject({ key: 'key-s0', type: 'city.junction.test.v1', attributes: { source: '/test' } })
    expect(Buffer.from(events[0]?.data ?? []).toString()).toBe('"\\u0000 raw"')
    expect(seen.find(({ id }) => id === 'p2')?.dedupeId).toBe('5/2')
  })

  it('waits for a bus that is down, buries nothing, and keeps the order', async () => {
    let down = true
    let failures = 0
    const bus = busThat(async (events, real) => {
      if (down || (failures < 40 && failures++ % 2 === 0)) throw new Error('connection refused')
      await real(events)
    })
    const connector = bench.start([], never, { bus, relays: true })
    await appendReadings(ids(2000))
    const relay = () => connector.status().consumers.find((one) => one.consumer === 'relay')
    await until(() => relay()?.state === 'breaker', 'an open breaker')
    expect(relay()).toMatchObject({ code: 'unavailable', error: 'the bus took nothing: connection refused', lag: 2000 })
    down = false
    await until(() => atEnd(2000))
    expect(await relayed()).toEqual(ids(2000))
    expect(await bench.deadLetters()).toEqual([])
    expect(relay()?.state).toBe('running')
  })

  it('makes a dead letter of the one event the bus refuses for good', async () => {
    const bus = busThat(async (events, real) => {
      const culprit = events.find(({ id }) => id === 'e7')
      if (culprit) throw new RefusedEvent('oversize', 'event e7 is too large for this broker')
      await real(events)
    })
    await appendReadings(ids(20))
    bench.start([], never, { bus, relays: true })
    await until(() => atEnd(20))
    expect(await relayed()).toEqual(ids(20).filter((id) => id !== 'e7'))
    expect(await bench.deadLetters()).toEqual([
      { event_id: 'e7', reason: 'oversize', attempts: 1, error_class: 'oversize', body: Buffer.from('{"n":1}') },
    ])
  })

  it('forwards the event of a dead letter of its own that is replayed, once', async () => {
    let takes = false
    const bus = busThat(async (events, real) => {
      if (!takes && events.some(({ id }) => id === 'e1')) throw new RefusedEvent('oversize', 'e1 is too large')
      await real(events)
    })
    await bench.append('readings', ids(3), { data: '"\\u0000 raw"' })
    bench.start([], never, { bus, relays: true })
    await until(() => atEnd(3))
    takes = true
    const { rows } = await bench.database.query<{ id: string }>('select id from dead_letter')
    const replay = async () => {
      const letter = (await findDeadLetter(bench.database, rows[0]?.id ?? '')) as WholeDeadLetter
      return replayDeadLetter(letter, {
        database: bench.database,
        deliver: () => Promise.reject(new Error('the relay is no function')),
        keyFor: async () => undefined,
      })
    }
    expect(await replay()).toMatchObject({ consumer: 'relay', eventId: 'e1', outcome: 'resolved' })
    expect(await replay()).toMatchObject({ outcome: 'resolved', detail: 'it was brought back before' })
    await until(() => atEnd(4))
    expect(await relayed()).toEqual(['e0', 'e2', 'e1'])
    const { events } = await target.read({ topic: 'readings', partition: 0, offset: 0n }, { events: 9, bytes: 1 << 20 })
    const [e0, , e1] = events
    expect(e1).toMatchObject({ ...e0, id: 'e1', key: 'key-e1', offset: 2n, appendedAt: expect.anything() })
  })

  it('repeats what was published by one that ended before it could say so, and loses nothing', async () => {
    let published = 0
    let asked = false
    const dying = busThat(async (events, real) => {
      if (!asked) {
        asked = true
        await real(events)
        published += events.length
      }
      // As a killed process: nobody hears that the bus has them.
      await new Promise(() => {})
    })
    await appendReadings(ids(30))
    const first = bench.start([], never, { bus: dying, relays: true, time: fastTime(20, { limits: true }) })
    await until(() => published > 0)
    await first.stop()
    expect(await atEnd(30)).toBe(false)
    bench.start([], never, { bus: busThat((events, real) => real(events)), relays: true })
    await until(() => atEnd(30))
    expect(await relayed()).toEqual([...ids(30), ...ids(30)])
  })

  it('lets alarms and what lies on the bus go on by themselves: one log that is away holds up no other', async () => {
    let away = true
    const bus: Bus = {
      ...busThat((events, real) => real(events)),
      ends: async (topics) => {
        if (away) throw new Error('no broker')
        return target.ends(topics)
      },
    }
    await bench.database.query(`insert into alarm (consumer, at) values ('f', '2012-03-01T08:00:00Z')`)
    await appendReadings(['e0'])
    const connector = bench.start(
      [consumer('f', { topics: ['readings'] })],
      async (name, request) => {
        if (request.headers['ce-type'] === undefined) return finish(bench.database, name, request, undefined, 'far')
        await bench.database.query('delete from alarm')
        return answer(200, {})
      },
      { bus, relays: true },
    )
    await until(async () => (await bench.database.query('select from alarm')).rows.length === 0)
    await until(() => atEnd(1))
    await until(() => connector.status().error === 'no broker')
    expect(connector.status().ready).toBe(false)
    away = false
    await until(() => connector.status().ready)
    await until(async () => {
      const { rows } = await bench.database.query(
        `select from position where consumer = 'f' and log = 'far' and next = 1`,
      )
      return rows.length === 1
    })
  })

  it('leaves no room for a function of its name', () => {
    const bus = busThat((events, real) => real(events))
    expect(() => bench.start([consumer('relay')], never, { bus, relays: true })).toThrow(
      'no function may be called relay',
    )
  })
})
