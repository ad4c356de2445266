import { expect, it } from '@jest/globals'
import { BusUnavailable } from './errors.ts'
import { groupCommit } from './group-commit.ts'
import type { BusEvent } from './port.ts'

const event = (id: string): BusEvent => ({
  topic: 'readings',
  partition: 0,
  key: 'k',
  id,
  type: 't',
  attributes: {},
  data: Buffer.from('{}'),
})

/** Two callers: the first one's flush has begun and fails so, the second waits for the next. */
async function whileOneFails(error: Error) {
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
  callers.push(append([event('b')]))
  fail(error)
  const settled = await Promise.allSettled(callers)
  await append([event('c')])
  return { flushes, settled: settled.map((one) => (one.status === 'rejected' ? one.reason : 'stored')) }
}

it('tells those who wait for the next flush at once that the bus is away, and tries anew for who comes then', async () => {
  const away = new BusUnavailable('away')
  expect(await whileOneFails(away)).toEqual({ settled: [away, away], flushes: [['a'], ['c']] })
})

it('takes any other failure for that of the flush alone', async () => {
  const error = new Error('of this one')
  expect(await whileOneFails(error)).toEqual({ settled: [error, 'stored'], flushes: [['a'], ['b'], ['c']] })
})
