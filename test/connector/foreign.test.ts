import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import type { InvokeRequest } from '#runtime/connector/types.ts'
import { answer, type Bench, consumer, fastTime, openBench, refused, until } from './harness.ts'

let bench: Bench
beforeEach(async () => {
  bench = await openBench()
})
afterEach(() => bench.end())

const foreign = consumer('f', { topics: [], foreignTopic: 'readings.late' })
const at = (position: string) => until(async () => (await bench.position('f', 'readings.late')) === position)

describe('a foreign function', () => {
  it('gets one CloudEvent a call in binary mode; any 2xx moves its position', async () => {
    await bench.append('readings.late', ['a', 'b ü'])
    const calls: InvokeRequest[] = []
    bench.start([foreign], async (_, request) => {
      calls.push(request)
      return answer(202, 'whatever')
    })
    await at('2')
    expect(calls.map(({ body }) => body.toString())).toEqual(['{"n":1}', '{"n":1}'])
    expect(calls[1]?.headers).toMatchObject({
      'content-type': 'application/json',
      'ce-specversion': '1.0',
      'ce-id': 'b%20%C3%BC',
      'ce-source': '/test',
      'ce-type': 'city.junction.test.v1',
      'x-topic': 'readings.late',
      traceparent: expect.stringMatching(/^00-0af7651916cd43dd8448eb211c80319c-[0-9a-f]{16}-01$/),
    })
    expect(calls[1]?.headers.authorization).toBeUndefined()
  })

  it('makes a dead letter by a final 4xx, and none by a failure it may get over', async () => {
    await bench.append('readings.late', ['refused', 'flaky'])
    let flaky = 0
    bench.start([foreign], async (_, { headers }) => {
      if (headers['ce-id'] === 'refused') return answer(422, '')
      return answer(++flaky < 3 ? 500 : 200, '')
    })
    await at('2')
    expect(await bench.deadLetters()).toMatchObject([
      { event_id: 'refused', reason: 'rejected_by_function', attempts: 1 },
    ])
  })

  it('is given up on an event that it answers with 500 three times', async () => {
    await bench.append('readings.late', ['bad', 'good'])
    bench.start([foreign], async (_, { headers }) => answer(headers['ce-id'] === 'bad' ? 500 : 200, ''), {
      time: fastTime(200),
    })
    await at('2')
    expect(await bench.deadLetters()).toMatchObject([{ event_id: 'bad', reason: 'attempts_exhausted', attempts: 3 }])
  })

  it('is not called again for an event it has taken while only the position cannot be moved', async () => {
    await bench.append('readings.late', ['a', 'b'])
    const permit = await bench.refuse('position')
    const calls: string[] = []
    bench.start([foreign], async (_, { headers }) => {
      calls.push(String(headers['ce-id']))
      return answer(200, '')
    })
    await refused(bench, 3)
    expect(calls).toEqual(['a'])
    await permit()
    await at('2')
    expect(calls).toEqual(['a', 'b'])
    await bench.database.query('update position set next = 0')
    await until(() => calls.length === 4, 'the redelivery')
    expect(calls).toEqual(['a', 'b', 'a', 'b'])
  })
})
