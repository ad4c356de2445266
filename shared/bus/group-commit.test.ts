import { expect, it } from '@jest/globals'
import { BusUnavailable } from './errors.ts'
import { groupCommit } from './group-commit.ts'
import type { BusEvent } from './port.ts'

const event = (id: string, topic = 'readings'): BusEvent => ({
  topic,
  partition: 0,
  key: 'k',
  id,
  type: 't',
  attributes: {},
  data: Buffer.from('{}'),
})

/** The flush of one caller has begun and fails so, others wait for the next. */
async function whileOneFails(error: Error, others = [event('b')]) {
  const flushes: string[][] = []
  let fail = (_error: Error) => {}
  let began = () => {}
  const first = new Promise<void>((resolve) => {
    began = resolve
  })
  const append = groupCommit(
    (events) => {
      flushes.push(events.map(({ id }) => id))
      if (flushes.length > 1) return Promise.resolve()
      began()
      return new Promise((_, reject) => {
        fail = reject
      })
    },
    () => false,
  )
  const callers = [append([event('a')])]
  await first
  for (const other of others) callers.push(append([other]))
  fail(error)
  const settled = await Promise.allSettled(callers)
  await append([event('c')])
  return { flushes, settled: settled.map((one) => (one.status === 'rejected' ? one.reason : 'stored')) }
}

it('tells those who wait for the same topic at once that the bus is away, and tries anew for who comes then', async () => {
  const away = new BusUnavailable('away')
  expect(await whileOneFails(away)).toEqual({ settled: [away, away], flushes: [['a'], ['c']] })
})

it('has those try who wait for another topic: it may be this one that is sick', async () => {
  const sick = new BusUnavailable('not enough replicas')
  expect(await whileOneFails(sick, [event('b'), event('x', 'alerts'), event('y', 'alerts')])).toEqual({
    settled: [sick, sick, 'stored', 'stored'],
    flushes: [['a'], ['x', 'y'], ['c']],
  })
})

it('fails nobody twice for the topic of another, and sends them together again once it works', async () => {
  const flushes: string[][] = []
  let sick = true
  const append = groupCommit(
    async (events) => {
      flushes.push(events.map(({ id }) => id))
      if (sick && events.some(({ topic }) => topic === 'readings')) throw new BusUnavailable('not enough replicas')
    },
    () => false,
  )
  const both = async (n: number) =>
    (await Promise.allSettled([append([event(`a${n}`)]), append([event(`x${n}`, 'alerts')])])).map((one) => one.status)
  expect(await both(1)).toEqual(['rejected', 'rejected'])
  expect(await both(2)).toEqual(['rejected', 'fulfilled'])
  expect(await both(3)).toEqual(['rejected', 'fulfilled'])
  sick = false
  expect(await both(4)).toEqual(['fulfilled', 'fulfilled'])
  await both(5)
  expect(flushes).toEqual([['a1', 'x1'], ['a2'], ['x2'], ['a3'], ['x3'], ['a4'], ['x4'], ['a5', 'x5']])
})

it('takes any other failure for that of the flush alone', async () => {
  const error = new Error('of this one')
  expect(await whileOneFails(error)).toEqual({ settled: [error, 'stored'], flushes: [['a'], ['b'], ['c']] })
})
