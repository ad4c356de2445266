import { describe, expect, it } from '@jest/globals'
import { inTurn } from './in-turn.ts'

/** A job whose runs end when told to. */
const jobOf = () => {
  const runs: (() => void)[] = []
  let over = 0
  const turn = inTurn(
    () => new Promise((done) => runs.push(done)),
    () => {
      over += 1
    },
  )
  const end = async (run: number) => {
    runs[run]?.()
    for (let i = 0; i < 5; i++) await Promise.resolve()
  }
  return { turn, runs, end, over: () => over }
}

describe('a job in turn', () => {
  it('runs once for all who join', async () => {
    const { turn, runs, end, over } = jobOf()
    turn.join()
    turn.join()
    expect([runs.length, turn.running()]).toEqual([1, true])
    await end(0)
    expect([runs.length, turn.running(), over()]).toEqual([1, false, 1])
  })

  it('runs once more for those who came too late for the run under way, never two at a time', async () => {
    const { turn, runs, end, over } = jobOf()
    turn.join()
    turn.anew()
    turn.anew()
    expect(runs).toHaveLength(1)
    await end(0)
    expect([runs.length, turn.running(), over()]).toEqual([2, true, 0])
    await end(1)
    expect([runs.length, turn.running(), over()]).toEqual([2, false, 1])
  })

  it('runs at once where none is under way', () => {
    const { turn, runs } = jobOf()
    turn.anew()
    expect(runs).toHaveLength(1)
  })
})
