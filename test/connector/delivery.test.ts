import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import type { InvokeAnswer } from '#runtime/connector/types.ts'
import { answer, type Bench, consumer, fastTime, finish, openBench, readCall, type SeenCall, until } from './harness.ts'

let bench: Bench
beforeEach(async () => {
  bench = await openBench()
})
afterEach(() => bench.end())

const ids = (name: string, count: number) => Array.from({ length: count }, (_, i) => `${name}-${i}`)

describe('slices', () => {
  it('carry the events in order, in the layout of the protocol, and move on to the end', async () => {
    await bench.append('readings.late', ['a', 'b'], { data: '{"x":"}{"}' })
    const bodies: string[] = []
    const calls: SeenCall[] = []
    bench.start([consumer('f')], async (_, request) => {
      bodies.push(request.body.toString())
      calls.push(readCall(request))
      return finish(bench.database, 'f', request)
    })
    await until(async () => (await bench.position('f', 'readings.late')) === '2')
    const event = (id: string, offset: number) =>
      `{"specversion":"1.0","id":"${id}","type":"city.junction.test.v1","source":"/test","traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01","partitionkey":"key-${id}","offset":"${offset}","datacontenttype":"application/json","data":{"x":"}{"}}`
    expect(bodies).toEqual([`[${event('a', 0)},${event('b', 1)}]`])
    expect(calls[0]?.headers).toMatchObject({
      'content-type': 'application/cloudevents-batch+json',
      authorization: 'Bearer the-connector-key',
      'junction-log': 'postgres',
      'junction-topic': 'readings.late',
      'junction-partition': '0',
      'junction-first': '0',
      'junction-next': '2',
      'junction-attempt': '1',
      'junction-deadline-ms': '10000',
      'junction-sizes': '230:10,230:10',
      traceparent: expect.stringMatching(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/),
    })
  })

  it('hold no more than the batch, and each partition has one call in flight', async () => {
    for (const partition of [0, 1, 2]) await bench.append('readings', ids(`p${partition}`, 25), { partition })
    const inFlight = new Map<string, number>()
    let most = 0
    let together = 0
    const sizes: number[] = []
    bench.start([consumer('f', { topics: ['readings'] })], async (_, request) => {
      const partition = request.headers['junction-partition'] ?? ''
      inFlight.set(partition, (inFlight.get(partition) ?? 0) + 1)
      most = Math.max(most, inFlight.get(partition) ?? 0)
      together = Math.max(together, [...inFlight.values()].filter((n) => n > 0).length)
      sizes.push(readCall(request).ids.length)
      await until(() => together > 1, 'two in flight together')
      const answered = await finish(bench.database, 'f', request)
      inFlight.set(partition, (inFlight.get(partition) ?? 0) - 1)
      return answered
    })
    for (const partition of [0, 1, 2]) {
      await until(async () => (await bench.position('f', 'readings', partition)) === '25')
    }
    expect(most).toBe(1)
    expect(together).toBeGreaterThan(1)
    expect(sizes.toSorted((a, b) => a - b)).toEqual([5, 5, 5, 10, 10, 10, 10, 10, 10])
  })

  it('are never more at a time than the function may have in flight', async () => {
    for (const partition of [0, 1, 2, 3]) await bench.append('readings', ids(`p${partition}`, 20), { partition })
    let now = 0
    let most = 0
    const invoke = async (_: string, request: Parameters<typeof readCall>[0]) => {
      most = Math.max(most, ++now)
      await until(() => most > 1, 'two in flight together')
      const answered = await finish(bench.database, 'f', request)
      now--
      return answered
    }
    bench.start([consumer('f', { topics: ['readings'] })], invoke, { inFlight: 2 })
    for (const partition of [0, 1, 2, 3]) {
      await until(async () => (await bench.position('f', 'readings', partition)) === '20')
    }
    expect(most).toBe(2)
  })

  it('go on after a prefix from where the function stopped', async () => {
    await bench.append('readings.late', ids('e', 6))
    const calls: SeenCall[] = []
    bench.start([consumer('f')], async (_, request) => {
      calls.push(readCall(request))
      return finish(bench.database, 'f', request, calls.length === 1 ? '4' : undefined)
    })
    await until(async () => (await bench.position('f', 'readings.late')) === '6')
    expect(calls.map(({ first, next, ids }) => ({ first, next, n: ids.length }))).toEqual([
      { first: '0', next: '6', n: 6 },
      { first: '4', next: '6', n: 2 },
    ])
  })

  it('stay below 1 MiB', async () => {
    await bench.append('readings.late', ids('big', 5), { data: JSON.stringify('x'.repeat(300_000)) })
    const bytes: number[] = []
    bench.start([consumer('f')], async (_, request) => {
      bytes.push(request.body.length)
      return finish(bench.database, 'f', request)
    })
    await until(async () => (await bench.position('f', 'readings.late')) === '5')
    expect(Math.max(...bytes)).toBeLessThanOrEqual(1_048_576)
    expect(bytes).toHaveLength(2)
  })

  it('wait for more where the function asks to linger', async () => {
    await bench.append('readings.late', ids('first', 2))
    const sizes: number[] = []
    const time = fastTime(1)
    const connector = bench.start(
      [consumer('f', { lingerMs: 60_000 })],
      async (_, request) => {
        sizes.push(readCall(request).ids.length)
        return finish(bench.database, 'f', request)
      },
      { time },
    )
    await until(async () => (await bench.position('f', 'readings.late')) === '0')
    await bench.append('readings.late', ids('second', 3))
    await until(() => connector.status().consumers[0]?.lag === 5)
    time.advance(60_000)
    await until(async () => (await bench.position('f', 'readings.late')) === '5')
    expect(sizes).toEqual([5])
  })
})

describe('positions', () => {
  it('of a new consumer start at the earliest event, or at the end', async () => {
    await bench.append('readings.late', ids('old', 3))
    const seen: Record<string, string[]> = { early: [], late: [] }
    bench.start([consumer('early'), consumer('late', { from: 'latest' })], async (name, request) => {
      seen[name]?.push(...readCall(request).ids)
      return finish(bench.database, name, request)
    })
    await until(async () => (await bench.position('late', 'readings.late')) === '3')
    await bench.append('readings.late', ['new'])
    await until(async () => (await bench.position('late', 'readings.late')) === '4')
    await until(async () => (await bench.position('early', 'readings.late')) === '4')
    expect(seen).toEqual({ early: ['old-0', 'old-1', 'old-2', 'new'], late: ['new'] })
  })

  it('are read again when somebody else moved them', async () => {
    await bench.append('readings.late', ids('e', 10))
    const calls: SeenCall[] = []
    bench.start([consumer('f')], async (_, request) => {
      calls.push(readCall(request))
      if (calls.length === 1) {
        await bench.database.query(`update position set next = 7 where consumer = 'f'`)
      }
      return finish(bench.database, 'f', request)
    })
    await until(async () => (await bench.position('f', 'readings.late')) === '10')
    expect(calls.map((call) => call.first)).toEqual(['0', '7'])
    expect(await bench.deadLetters()).toEqual([])
  })
})

describe('an answer that is not exactly the protocol', () => {
  const wrong: [string, InvokeAnswer][] = [
    ['another 2xx', answer(202, { next: '3' })],
    ['an empty body', answer(200, '')],
    ['a body that is no JSON', answer(200, 'OK')],
    ['no next', answer(200, {})],
    ['a next that is a number', answer(200, { next: 3 })],
    ['a next before the slice', answer(200, { next: '-1' })],
    ['a next behind the slice', answer(200, { next: '4' })],
    ['nothing done', answer(200, { next: '0' })],
  ]
  it.each(wrong)('%s fails the call and moves nothing', async (_, first) => {
    await bench.append('readings.late', ids('e', 3))
    const calls: SeenCall[] = []
    bench.start([consumer('f')], async (_, request) => {
      calls.push(readCall(request))
      return calls.length === 1 ? first : finish(bench.database, 'f', request)
    })
    await until(async () => (await bench.position('f', 'readings.late')) === '3')
    expect(calls.map((call) => call.ids.length)).toEqual([3, 3])
    expect(await bench.deadLetters()).toEqual([])
  })
})
