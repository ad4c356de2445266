import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { positionsOf } from '#runtime/connector/positions.ts'
import { postgresBus } from '#shared/bus/postgres.ts'
import { answer, type Bench, consumer, finish, openBench, readCall, until } from './harness.ts'

let bench: Bench
beforeEach(async () => {
  bench = await openBench()
})
afterEach(() => bench.end())

describe('a dead letter of the connector', () => {
  it('keeps the raw bytes, where the event lay, and its trace', async () => {
    await bench.append('readings.late', ['a', 'bad'], { data: 'not \u0000 json \xff' })
    bench.start([consumer('f', { batch: 1 })], async (_, request) =>
      request.headers['junction-first'] === '1'
        ? answer(413, { code: 'oversize', detail: 'too\nlarge' })
        : finish(bench.database, 'f', request),
    )
    await until(async () => (await bench.position('f', 'readings.late')) === '2')
    const { rows } = await bench.database.query('select * from dead_letter')
    expect(rows).toMatchObject([
      {
        consumer: 'f',
        topic: 'readings.late',
        partition: 0,
        offset: '1',
        event_id: 'bad',
        reason: 'oversize',
        error_class: 'oversize',
        error: 'the function answered 413 oversize: too\\u000alarge',
        attempts: 1,
        trace_id: '0af7651916cd43dd8448eb211c80319c',
        body: Buffer.from('not \u0000 json \xff'),
        headers: { source: '/test', type: 'city.junction.test.v1', partitionkey: 'key-bad' },
      },
    ])
    const counted = 'junction_connector_dead_letters_total{consumer="f",reason="oversize"} 1'
    await until(async () => (await bench.registry.metrics()).includes(counted))
  })

  it('and the position are written together or not at all', async () => {
    await bench.append('readings.late', ['bad'])
    // The position cannot be moved: the dead letter must not stay either.
    await bench.database.query(`create function refuse() returns trigger language plpgsql as $$
      begin raise exception 'refused'; end $$`)
    await bench.database.query('create trigger refuse before update on position for each row execute function refuse()')
    let calls = 0
    bench.start([consumer('f')], async () => {
      calls++
      return answer(422, { code: 'permanent' })
    })
    await until(() => calls >= 3)
    expect(await bench.deadLetters()).toEqual([])
    expect(await bench.position('f', 'readings.late')).toBe('0')
    await bench.database.query('drop trigger refuse on position')
    await until(async () => (await bench.position('f', 'readings.late')) === '1')
    expect(await bench.deadLetters()).toHaveLength(1)
  })
})

describe('a zombie connector', () => {
  const place = { consumer: 'f', topic: 'readings.late', partition: 0 }
  const burial = {
    code: 'crashed',
    error: 'gone',
    reason: 'attempts_exhausted' as const,
    attempts: 3,
    ageMs: 0,
  }

  it('with a stale position changes nothing', async () => {
    await bench.append('readings.late', ['a', 'b'])
    const bus = postgresBus(bench.database)
    const zombie = positionsOf(bench.database, bus)
    await zombie.load(place, 'earliest')
    const { events } = await bus.read({ topic: 'readings.late', partition: 0, offset: 0n }, { events: 1, bytes: 1000 })
    const [event] = events
    if (event === undefined) throw new Error('nothing was read')
    // Somebody else has done both events meanwhile.
    await bench.database.query('update position set next = 2')
    expect(await zombie.bury(place, 0n, event, burial)).toBe(false)
    expect(await zombie.move(place, 0n, 1n)).toBe(false)
    expect(await bench.deadLetters()).toEqual([])
    expect(await bench.position('f', 'readings.late')).toBe('2')
    // The control: with the position it believes in, the same call does write.
    await bench.database.query('update position set next = 0')
    expect(await zombie.bury(place, 0n, event, burial)).toBe(true)
    expect(await bench.deadLetters()).toHaveLength(1)
    expect(await bench.position('f', 'readings.late')).toBe('1')
  })

  it('beside a living one does no harm: every event is done once', async () => {
    await bench.append(
      'readings.late',
      Array.from({ length: 60 }, (_, i) => `e-${i}`),
    )
    const done: string[] = []
    const work = async (_: string, request: Parameters<typeof readCall>[0]) => {
      const answered = await finish(bench.database, 'f', request)
      if (!answered.body.includes('moved')) done.push(...readCall(request).ids)
      return answered
    }
    bench.start([consumer('f', { batch: 3 })], work)
    bench.start([consumer('f', { batch: 3 })], work)
    await until(async () => (await bench.position('f', 'readings.late')) === '60')
    await until(() => done.length >= 60)
    expect(done.toSorted()).toEqual(Array.from({ length: 60 }, (_, i) => `e-${i}`).toSorted())
    expect(await bench.deadLetters()).toEqual([])
  })
})
