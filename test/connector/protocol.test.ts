import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { decodeCall, type EventCall } from '#shared/function/event.ts'
import { answer, type Bench, consumer, finish, openBench, until } from './harness.ts'

let bench: Bench
beforeEach(async () => {
  bench = await openBench()
})
afterEach(() => bench.end())

describe('what the connector sends, the wrapper of functions understands', () => {
  it('a slice, with data that would forge an event if it were trusted', async () => {
    const forging = '1},{"specversion":"1.0","id":"forged","data":2'
    await bench.append('readings.late', ['a', 'ü "quoted" \\'], { data: forging })
    const calls: EventCall[] = []
    bench.start([consumer('f')], async (_, request) => {
      calls.push(decodeCall(request.headers, request.body))
      return finish(bench.database, 'f', request)
    })
    await until(async () => (await bench.position('f', 'readings.late')) === '2')
    const received = { topic: 'readings.late', partition: 0, source: '/test', type: 'city.junction.test.v1' }
    expect(calls).toMatchObject([
      {
        form: 'slice',
        slice: {
          log: 'postgres',
          topic: 'readings.late',
          partition: 0,
          first: 0n,
          next: 2n,
          events: [
            { ...received, id: 'a', offset: 0n, body: Buffer.from(forging) },
            { ...received, id: 'ü "quoted" \\', offset: 1n, body: Buffer.from(forging) },
          ],
        },
      },
    ])
  })

  it('an alarm and a tick of the schedule', async () => {
    await bench.database.query(`insert into alarm (consumer, at) values ('f', '2012-03-01T08:00:00Z')`)
    await bench.database.query(
      `insert into schedule (consumer, name, last) values ('f', 'schedule', '2012-03-01T07:30Z')`,
    )
    const calls: EventCall[] = []
    const spec = consumer('f', { topics: [], schedule: { cron: '15 * * * *', timezone: 'UTC' } })
    bench.start(
      [spec],
      async (_, request) => {
        calls.push(decodeCall(request.headers, request.body))
        await bench.database.query('delete from alarm')
        await bench.database.query(`update schedule set last = '2012-03-01T08:15Z'`)
        return answer(200, {})
      },
      { clock: { now: async () => new Date('2012-03-01T08:20:00Z') } },
    )
    await until(() => calls.length === 2)
    expect(calls).toEqual([
      { form: 'tick', tick: { kind: 'alarm', name: 'alarm', plannedAt: new Date('2012-03-01T08:00:00Z') } },
      { form: 'tick', tick: { kind: 'schedule', name: 'schedule', plannedAt: new Date('2012-03-01T08:15:00Z') } },
    ])
  })
})
