import { describe, expect, it } from '@jest/globals'
import { assess as assessAt, type Measured, type Timeline } from './level.ts'

const FREE_FLOW = 100
const bySpeed = (speed: number): Measured => ({ speed, vehicles: null, occupancy: null })
const counted = (speed: number, vehicles: number): Measured => ({ speed, vehicles, occupancy: null })
const assess = (windows: Timeline, freeFlow: number | null) => assessAt(windows, windows.length - 1, freeFlow)
const levels = (windows: Timeline) => windows.map((_, k) => assessAt(windows, k, FREE_FLOW).level)

describe('assess', () => {
  it.each([
    [90, 'free'],
    [89.9, 'heavy'],
    [62.5, 'heavy'],
    [62.4, 'slow'],
    [35, 'slow'],
    [34.9, 'slow'],
    [10, 'slow'],
  ])('calls %d of 100 km/h %s while no congestion is confirmed', (speed, level) => {
    expect(assess([bySpeed(speed)], FREE_FLOW).level).toBe(level)
  })

  it.each([
    [95, 'slow'],
    [62.5, 'slow'],
    [35, 'slow'],
    [34.9, 'queuing'],
    [25, 'queuing'],
    [24.9, 'stationary'],
  ])('calls %d of 100 km/h %s in confirmed congestion', (speed, level) => {
    expect(assess([bySpeed(30), bySpeed(30), bySpeed(speed)], FREE_FLOW).level).toBe(level)
  })

  it('confirms congestion in its second window and ends it in the third of free traffic', () => {
    expect(levels([80, 20, 20, 20, 70, 70, 70, 95].map(bySpeed))).toEqual([
      'heavy',
      'slow',
      'stationary',
      'stationary',
      'slow',
      'slow',
      'heavy',
      'free',
    ])
  })

  it('starts the run anew after a window that contradicts it', () => {
    expect(levels([20, 60, 20, 60, 20].map(bySpeed))).toEqual(['slow', 'slow', 'slow', 'slow', 'slow'])
    expect(levels([20, 20, 70, 70, 55, 70, 70].map(bySpeed)).slice(2)).toEqual(['slow', 'slow', 'slow', 'slow', 'slow'])
  })

  it('does not believe few vehicles, and says so by its confidence', () => {
    expect(levels([counted(20, 4), counted(20, 4), counted(20, 4)])).toEqual(['slow', 'slow', 'slow'])
    expect(levels([counted(20, 5), counted(20, 1), counted(20, 5)])).toEqual(['slow', 'slow', 'stationary'])
    expect(assess([counted(20, 4)], FREE_FLOW).confidence).toBe(0.5)
    expect(assess([counted(20, 5)], FREE_FLOW).confidence).toBe(0.9)
    expect(assess([bySpeed(20)], FREE_FLOW).confidence).toBe(0.7)
  })

  it('takes an occupancy above 0.3 for vehicles enough, and a lower one for a reason to doubt a low speed', () => {
    const full: Measured = { speed: 20, vehicles: 1, occupancy: 0.31 }
    const empty: Measured = { speed: 20, vehicles: null, occupancy: 0.3 }
    expect(levels([full, full])).toEqual(['slow', 'stationary'])
    expect(levels([empty, empty])).toEqual(['slow', 'slow'])
  })

  it('keeps the state over a gap, and forgets it after twelve windows', () => {
    expect(levels([bySpeed(20), undefined, bySpeed(20)])).toEqual(['slow', 'unknown', 'stationary'])
    const gap = (n: number) => [bySpeed(20), bySpeed(20), ...Array(n).fill(undefined), bySpeed(20)]
    expect(levels(gap(10)).at(-1)).toBe('stationary')
    expect(levels(gap(12)).at(-1)).toBe('slow')
  })

  it('says unknown without a speed or a free-flow speed', () => {
    expect(assess([bySpeed(50)], null)).toEqual({ level: 'unknown', ratio: null, confidence: 0, congested: false })
    expect(assess([{ speed: null, vehicles: 0, occupancy: 0 }], FREE_FLOW).level).toBe('unknown')
    expect(assess([undefined], FREE_FLOW).level).toBe('unknown')
  })

  it('does not flap on a noisy ramp: one jam in, one jam out', () => {
    // Down from 100 to 20 km/h and back in 120 windows, with a noise of ±4 km/h.
    const noise = (k: number) => ((k * 7919) % 9) - 4
    const ramp = Array.from({ length: 120 }, (_, k) => bySpeed(20 + (80 * Math.abs(k - 60)) / 60 + noise(k)))
    const congested = ramp.map((_, k) => assessAt(ramp, k, FREE_FLOW).congested)
    expect(congested.filter((now, k) => now !== (congested[k - 1] ?? false))).toEqual([true, false])
    const alone = ramp.map(({ speed }) => (speed as number) < 50)
    expect(alone.filter((now, k) => now !== (alone[k - 1] ?? false)).length).toBeGreaterThan(2)
  })
})
