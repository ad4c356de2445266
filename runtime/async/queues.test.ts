import { beforeEach, describe, expect, it } from '@jest/globals'
import { createQueues, type Queues } from './queues.ts'

const MINUTE = 60_000
let time = 0
let here: string[]
let queues: Queues
beforeEach(() => {
  time = 5 * MINUTE
  here = ['f']
  queues = createQueues(
    (key) => (here.includes(key) ? 10 : undefined),
    () => time,
  )
})

/** The oldest call of a function has been due since then. */
const look = (key: string, dueAt: number) =>
  queues.looked([{ function: key, pending: 3, bytes: 3, dueInMs: dueAt - time }])

describe('a function that is not deployed here', () => {
  it('is left to others, and not waited for', () => {
    look('f', 0)
    expect(queues.asks()).toEqual([{ function: 'f', most: 10, forsakenForMs: undefined }])
    here = []
    expect(queues.asks()).toEqual([])
    expect(queues.nextDue()).toBe(Number.POSITIVE_INFINITY)
  })

  it('is taken up when nobody has taken its oldest call for ten minutes', () => {
    look('gone', 0)
    time += 9 * MINUTE
    look('gone', 0)
    expect(queues.asks()).toEqual([])
    time += MINUTE
    look('gone', 0)
    expect(queues.asks()).toEqual([{ function: 'gone', most: 50, forsakenForMs: 10 * MINUTE }])
    // What ends of it is no sign of anybody else.
    look('gone', 30_000)
    expect(queues.asks()).toHaveLength(1)
  })

  it('is not, however late its calls are, while somebody takes them', () => {
    for (let oldest = -60 * MINUTE; oldest < 0; oldest += MINUTE) {
      look('busy', oldest)
      time += 2 * MINUTE
      expect(queues.asks()).toEqual([])
    }
  })

  it('is taken up at once when it is deployed', () => {
    look('new', 0)
    expect(queues.asks()).toEqual([])
    here = ['new']
    expect(queues.asks()).toEqual([{ function: 'new', most: 10, forsakenForMs: undefined }])
  })
})
