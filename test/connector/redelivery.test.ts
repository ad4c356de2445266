import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { operatorRedeliver } from '#runtime/operator/redeliver.ts'
import { postgresBus } from '#shared/bus/postgres.ts'
import type { RedeliveryRequest } from '#shared/contracts/redelivery.ts'
import { type Bench, consumer, finish, openBench, readCall, until } from './harness.ts'

let bench: Bench
let seen: string[]
beforeEach(async () => {
  bench = await openBench()
  seen = []
})
afterEach(() => bench.end())

const at = (position: string, partition = 0) =>
  until(async () => (await bench.position('f', 'readings', partition)) === position, position)
const run = () =>
  bench.start([consumer('f', { topics: ['readings'] })], async (_, request) => {
    seen.push(...readCall(request).ids)
    return finish(bench.database, 'f', request)
  })
const redeliver = async (more: Partial<RedeliveryRequest>) => {
  const moved: unknown[] = []
  const bus = postgresBus(bench.database)
  const ask = operatorRedeliver({ database: bench.database, buses: [bus] }, (done) => moved.push(done))
  const answer = await ask(Buffer.from(JSON.stringify({ topic: 'readings', consumer: 'f', ...more })))
  return { answer, moved }
}

describe('a redelivery', () => {
  it('of one partition sets it back under a running connector, which delivers it again', async () => {
    await bench.append('readings', ['a', 'b', 'c'], { partition: 0 })
    await bench.append('readings', ['x', 'y'], { partition: 1 })
    run()
    await at('3')
    await at('2', 1)
    seen = []
    const dry = await redeliver({ from: '1', partition: 0, dryRun: true })
    expect(dry).toEqual({
      answer: {
        topic: 'readings',
        consumer: 'f',
        dryRun: true,
        partitions: [{ partition: 0, was: '3', now: '1', again: '2', skipped: '0' }],
      },
      moved: [],
    })
    expect(await bench.position('f', 'readings', 0)).toBe('3')
    const { moved } = await redeliver({ from: '1', partition: 0 })
    expect(moved).toMatchObject([{ dryRun: false, partitions: [{ was: '3', now: '1' }] }])
    await until(() => seen.length === 2)
    await at('3')
    expect(seen).toEqual(['b', 'c'])
  })

  it('from a time begins with what was appended then', async () => {
    await bench.append('readings', ['old'], { partition: 0 })
    await bench.append('readings', ['elsewhere'], { partition: 1 })
    await bench.database.query(`update log set appended_at = '2024-05-06T08:00:00Z', day = current_date - 1`)
    await bench.append('readings', ['new'], { partition: 0 })
    run()
    await at('2')
    await at('1', 1)
    seen = []
    const { answer } = await redeliver({ from: '2024-05-06T10:00:01+02:00' })
    expect(answer).toMatchObject({
      partitions: expect.arrayContaining([
        { partition: 0, was: '2', now: '1', again: '1', skipped: '0' },
        { partition: 1, was: '1', now: '1', again: '0', skipped: '0' },
      ]),
    })
    await until(() => seen.length === 1)
    await at('2')
    expect(seen).toEqual(['new'])
  })

  it('moves all positions or none', async () => {
    await bench.append('readings', ['a', 'b'], { partition: 0 })
    await bench.append('readings', ['x'], { partition: 1 })
    run()
    await at('2')
    await at('1', 1)
    const { answer, moved } = await redeliver({ from: '2', forward: true })
    expect(answer).toMatchObject({ problem: { status: 422, detail: 'readings/1 ends at offset 1: there is no 2 yet' } })
    expect(moved).toEqual([])
    await bench.database.query('delete from log where partition = 0 and "offset" = 0')
    expect((await redeliver({ from: '0' })).answer).toMatchObject({
      problem: { detail: expect.stringContaining('readings/0 begins at offset 1') },
    })
    expect(await bench.position('f', 'readings', 0)).toBe('2')
  })

  it('says whom there is where it does not know a name', async () => {
    run()
    await at('0')
    const detail = async (more: Partial<RedeliveryRequest>) =>
      ((await redeliver({ from: 'earliest', ...more })).answer as { problem: { detail: string } }).problem.detail
    expect(await detail({ consumer: 'g' })).toBe('g has no position in readings: its consumers are f')
    expect(await detail({ topic: 'reading' })).toBe('nobody has a position in a topic reading')
    expect(await detail({ partition: 9 })).toBe('f has no partition 9 of readings')
    expect(await detail({ from: 'yesterday' })).toMatch(/^from: /)
  })
})
