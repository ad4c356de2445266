import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { answer, type Bench, consumer, fastTime, finish, openBench, readCall, until } from './harness.ts'

let bench: Bench
beforeEach(async () => {
  bench = await openBench()
})
afterEach(() => bench.end())

const ids = (name: string, count: number) => Array.from({ length: count }, (_, i) => `${name}-${i}`)
const at = (position: string) => until(async () => (await bench.position('f', 'readings.late')) === position, position)
const place = (next: number) =>
  bench.database.query(
    `insert into position (consumer, log, topic, partition, next) values ('f', 'postgres', 'readings.late', 0, $1)`,
    [next],
  )
const alarms = () => bench.lines.filter(({ alarm }) => alarm === 'position_out_of_range')

describe('a position that the log cannot serve', () => {
  it.each([
    ['below what retention left', 1, 'position 1 of readings.late/0 is no longer in the log, which begins at 3'],
    ['where retention left nothing', 4, 'position 4 of readings.late/0 is no longer in the log, which begins at 5'],
    ['beyond the end', 9, 'position 9 of readings.late/0 lies beyond the end of the log, 5'],
  ])(
    '%s stops that partition alone, with one alarm and no dead letter, until it is set',
    async (_, position, error) => {
      await bench.append('readings.late', ids('e', 5))
      await bench.database.query('delete from log where "offset" < $1', [position === 4 ? 5 : 3])
      await bench.append('readings', ['other'])
      await place(position)
      const seen: string[] = []
      const connector = bench.start(
        [consumer('f', { topics: ['readings', 'readings.late'] })],
        async (_, request) => {
          seen.push(...readCall(request).ids)
          return finish(bench.database, 'f', request)
        },
        // Two probes go by meanwhile.
        { time: fastTime(100) },
      )
      await until(() => connector.status().consumers[0]?.state === 'stop')
      expect(connector.status().consumers[0]).toMatchObject({ code: 'position_out_of_range', error })
      await until(async () => (await bench.position('f', 'readings', 0)) === '1', 'the other topic')
      expect(await bench.registry.metrics()).toContain('junction_connector_stopped{consumer="f"} 1')
      connector.resume('f')
      await until(() => connector.status().consumers[0]?.state === 'stop')
      expect(seen).toEqual(['other'])
      expect(alarms()).toHaveLength(1)
      expect(await bench.position('f', 'readings.late')).toBe(String(position))
      expect(await bench.deadLetters()).toEqual([])

      await bench.database.query(`update position set next = $1 where topic = 'readings.late'`, [
        position === 4 ? 5 : 3,
      ])
      await bench.append('readings.late', ['new'])
      await at('6')
      await until(() => connector.status().consumers[0]?.state === 'running')
      expect(seen.slice(1)).toEqual(position === 4 ? ['new'] : ['e-3', 'e-4', 'new'])
    },
  )
})

describe('a log that ends lower than it did', () => {
  it('stops a lane that had done all of it, until its position is set', async () => {
    await bench.append('readings.late', ids('e', 5))
    const seen: string[] = []
    const connector = bench.start([consumer('f')], async (_, request) => {
      seen.push(...readCall(request).ids)
      return finish(bench.database, 'f', request)
    })
    const partition = () => connector.status().consumers[0]?.partitions[0]
    await at('5')
    await until(() => partition()?.state === 'idle')
    await bench.database.query('delete from log where "offset" > 1')
    await bench.database.query(
      `update log_partition set next_offset = 2 where topic = 'readings.late' and partition = 0`,
    )
    await until(() => connector.status().consumers[0]?.state === 'stop')
    expect(alarms()).toHaveLength(1)

    await bench.database.query(`update position set next = 0, next_day = '-infinity'`)
    await at('2')
    await until(() => partition()?.state === 'idle')
    expect(partition()).toMatchObject({ position: '2', end: '2', lag: 0 })
    expect(seen.slice(5)).toEqual(['e-0', 'e-1'])
  })
})

describe('a position that somebody else set back', () => {
  it('is noticed by a lane that has nothing to do', async () => {
    await bench.append('readings.late', ids('e', 3))
    const seen: string[] = []
    const connector = bench.start([consumer('f')], async (_, request) => {
      seen.push(...readCall(request).ids)
      return finish(bench.database, 'f', request)
    })
    await at('3')
    await until(() => connector.status().consumers[0]?.partitions[0]?.state === 'idle')
    await bench.database.query(`update position set next = 1, next_day = '-infinity'`)
    await at('3')
    await until(() => seen.length === 5, 'the redelivery')
    expect(seen).toEqual(['e-0', 'e-1', 'e-2', 'e-1', 'e-2'])
  })
})

describe('the attempts of an event', () => {
  it('and its age go on where another connector takes over', async () => {
    await bench.append('readings.late', ['a', 'bad', 'c'])
    let calls = 0
    const work = async (_: string, request: Parameters<typeof readCall>[0]) => {
      const call = readCall(request)
      if (!call.ids.includes('bad')) return finish(bench.database, 'f', request)
      calls++
      if (call.ids[0] === 'bad') return answer(500, { code: 'transient' })
      await finish(bench.database, 'f', request, '1')
      return answer(200, { next: '1', failed: { reason: 'transient', retryable: true } })
    }
    const first = bench.start([consumer('f')], work, { time: fastTime(100) })
    await until(() => calls >= 3)
    await first.stop()
    const { rows } = await bench.database.query<{ offset: string; counts: object }>(
      'select "offset", counts from attempt',
    )
    expect(rows).toEqual([{ offset: '1', counts: { transient: calls } }])
    bench.start([consumer('f')], work, { time: fastTime(2000) })
    await at('3')
    expect(calls).toBe(10)
    expect(await bench.deadLetters()).toMatchObject([{ event_id: 'bad', reason: 'attempts_exhausted', attempts: 10 }])
    expect((await bench.database.query(`select from attempt where "offset" = 1`)).rows).toEqual([])
  })

  it('end a day after the first, however often the connector was started anew', async () => {
    await bench.append('readings.late', ['old'])
    await place(0)
    await bench.database.query(
      `insert into attempt (consumer, log, topic, partition, "offset", counts, first_at)
       values ('f', 'postgres', 'readings.late', 0, 0, '{"transient":1}', now() - interval '25 hours')`,
    )
    bench.start([consumer('f')], async () => answer(500, { code: 'transient' }))
    await at('1')
    expect(await bench.deadLetters()).toMatchObject([{ reason: 'too_old', attempts: 2 }])
  })

  it('of an event that lies behind are forgotten', async () => {
    await bench.append('readings.late', ['done', 'next'])
    await place(1)
    await bench.database.query(
      `insert into attempt (consumer, log, topic, partition, "offset", counts, first_at)
       values ('f', 'postgres', 'readings.late', 0, 0, '{"transient":9}', now() - interval '25 hours')`,
    )
    let calls = 0
    bench.start([consumer('f')], async (_, request) =>
      ++calls === 1 ? answer(500, { code: 'transient' }) : finish(bench.database, 'f', request),
    )
    await at('2')
    expect(await bench.deadLetters()).toEqual([])
  })
})
