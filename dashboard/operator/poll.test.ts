import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { type Poll, pollWhileVisible, staleAfter } from './poll.ts'

/** A page that can be hidden. */
const pageOf = () => {
  const listeners = new Set<() => void>()
  return {
    visibilityState: 'visible',
    addEventListener: (_: string, listener: () => void) => void listeners.add(listener),
    removeEventListener: (_: string, listener: () => void) => void listeners.delete(listener),
    listeners,
    turn(state: 'visible' | 'hidden') {
      this.visibilityState = state
      for (const listener of listeners) listener()
    },
  }
}

let poll: Poll | undefined
const untold = () => {}
beforeEach(() => void jest.useFakeTimers())
afterEach(() => {
  poll?.stop()
  jest.useRealTimers()
})
const pass = (ms: number) => jest.advanceTimersByTimeAsync(ms)

describe('pollWhileVisible', () => {
  it('looks at once and then every so often, not while hidden, and at once when shown', async () => {
    const page = pageOf()
    let looks = 0
    poll = pollWhileVisible(async () => ++looks > 0, page, 2000, untold)
    expect(looks).toBe(1)
    await pass(4000)
    expect(looks).toBe(3)
    page.turn('hidden')
    await pass(60_000)
    expect(looks).toBe(3)
    page.turn('visible')
    expect(looks).toBe(4)
    await pass(2000)
    expect(looks).toBe(5)
  })

  it('looks less often where looking takes long', async () => {
    let looks = 0
    const look = async () => {
      looks++
      await new Promise((done) => setTimeout(done, 1000))
      return true
    }
    const waits: number[] = []
    poll = pollWhileVisible(look, pageOf(), 2000, (waitMs) => waits.push(waitMs))
    await pass(1000 + 3999)
    expect([looks, waits]).toEqual([1, [4000]])
    await pass(1)
    expect(looks).toBe(2)
  })

  it('tells the pace it was given where looking is quick, and none where it ends', async () => {
    const waits: number[] = []
    let looks = 0
    poll = pollWhileVisible(
      async () => ++looks < 3,
      pageOf(),
      2000,
      (waitMs) => waits.push(waitMs),
    )
    await pass(60_000)
    expect([looks, waits]).toEqual([3, [2000, 2000]])
  })

  it('ends where a look finds no use in another, until somebody asks', async () => {
    let looks = 0
    poll = pollWhileVisible(async () => ++looks < 0, pageOf(), 2000, untold)
    await pass(60_000)
    expect(looks).toBe(1)
    poll.now()
    expect(looks).toBe(2)
  })

  it('never looks twice at a time: what is asked meanwhile follows once', async () => {
    const answers: (() => void)[] = []
    poll = pollWhileVisible(() => new Promise((done) => answers.push(() => done(false))), pageOf(), 2000, untold)
    poll.now()
    poll.now()
    expect(answers).toHaveLength(1)
    answers[0]?.()
    await pass(0)
    expect(answers).toHaveLength(2)
    answers[1]?.()
    await pass(60_000)
    expect(answers).toHaveLength(2)
  })

  it('leaves nothing behind when stopped', async () => {
    const page = pageOf()
    const heard: AbortSignal[] = []
    poll = pollWhileVisible(async (signal) => heard.push(signal) > 0, page, 2000, untold)
    poll.stop()
    await pass(60_000)
    expect(heard.map(({ aborted }) => aborted)).toEqual([true])
    expect(page.listeners.size).toBe(0)
  })
})

describe('staleAfter', () => {
  it('leaves time for three looks, at whatever pace', () => {
    expect([staleAfter(2000), staleAfter(32_000)]).toEqual([7000, 112_000])
  })
})
