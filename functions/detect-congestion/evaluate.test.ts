import { describe, expect, it } from '@jest/globals'
import { type Aggregate, evaluate, type Span, stateOf, type WindowRow } from './evaluate.ts'

const W = 300_000
const aggregate = (speed: number): Aggregate => ({ n: 1, speed, vehicles: null, occupancy: null, observedAt: 1 })
const row = (k: number, speed: number, more: Partial<WindowRow> = {}): WindowRow => ({
  ...aggregate(speed),
  segment: 's',
  window: k * W,
  freeFlow: 100,
  ratio: speed / 100,
  level: 'slow',
  confidence: 0.7,
  open: false,
  rev: 1,
  ...more,
})
const span = (rows: WindowRow[], touched: [number, Aggregate][]): Span => ({
  segment: 's',
  first: ((touched[0]?.[0] as number) - 12) * W,
  last: ((touched.at(-1)?.[0] as number) + 12) * W,
  rows: new Map(rows.map((one) => [one.window, one])),
  touched: new Map(touched.map(([k, one]) => [k * W, one])),
})
const changes = (of: Span) =>
  evaluate(of, () => 100, W).map(({ window, level, open, rev }) => [window / W, level, open, rev])

describe('evaluate', () => {
  it('opens a new window and closes the one before without a new revision', () => {
    expect(changes(span([row(20, 95, { level: 'free', open: true })], [[21, aggregate(95)]]))).toEqual([
      [20, 'free', false, 1],
      [21, 'free', true, 1],
    ])
  })

  it('says nothing of a window whose value stays', () => {
    expect(changes(span([row(20, 40, { ratio: 0.4, open: true })], [[20, aggregate(40)]]))).toEqual([])
  })

  it('keeps a newer observation of the same value without a new revision', () => {
    const of = span([row(20, 40, { open: true })], [[20, { ...aggregate(40), n: 2, observedAt: 5 }]])
    expect(changes(of)).toEqual([[20, 'slow', true, 1]])
  })

  it('evaluates the twelve windows that follow anew, and no more', () => {
    const following = Array.from({ length: 12 }, (_, i) => row(21 + i, 20))
    const after = span(following, [[20, aggregate(20)]])
    expect(changes(after).map(([k, level]) => [k, level])).toEqual([
      [20, 'slow'],
      ...Array.from({ length: 12 }, (_, i) => [21 + i, 'stationary']),
    ])
    const untouched = { ...after, rows: new Map(after.rows).set(33 * W, row(33, 20)), last: 33 * W }
    expect(changes(untouched).map(([k]) => k)).not.toContain(33)
  })

  it('overwrites a window that was closed without a reading', () => {
    const closed = row(20, 0, {
      n: 0,
      speed: null,
      ratio: null,
      level: 'unknown',
      confidence: 0,
      observedAt: null,
      rev: 1,
    })
    expect(changes(span([closed], [[20, aggregate(95)]]))).toEqual([[20, 'free', true, 2]])
  })
})

describe('stateOf', () => {
  it('tells the jam factor, the window, and whether it is final', () => {
    const at = (now: number) => stateOf(row(20, 40), new Date(now), { windowMs: W, lateAfterMs: 900_000 })
    expect(at(24 * W - 1)).toMatchObject({ jamFactor: 6, windowEnd: '1970-01-01T01:45:00.000Z', final: false })
    expect(at(24 * W)).toMatchObject({ final: true })
    expect(stateOf(row(20, 140, { ratio: 1.4 }), new Date(0), { windowMs: W, lateAfterMs: 0 }).jamFactor).toBe(0)
  })
})
