import { describe, expect, it } from '@jest/globals'
import { NEWEST } from '#models/traffic/features.ts'
import { fakeModel } from '#test/forecasts/model.ts'
import { outlooksOf, type Series } from './outlook.ts'

const UNTIL = Date.parse('2026-03-02T07:55:00Z')
const N = Number.NaN
const series = (segment: string, ...values: number[]): Series => ({ segment, values: Float32Array.from(values) })
const full = (segment: string, newest: number) => series(segment, ...Array(11).fill(50), newest)

describe('what is expected of a segment', () => {
  it('is what the model says at the horizons, beside what the simpler forecasts say', async () => {
    const { model, runs } = fakeModel([{ id: 'a', usual: 60 }])
    expect(await outlooksOf(model, UNTIL, [full('a', 48)])).toEqual([
      {
        source: 'model',
        p50: [51, 54, 57, 60],
        band: { p10: [46, 49, 52, 55], p90: [56, 59, 62, 65] },
        persistence: 48,
        profile: [60, 60, 60, 60],
      },
    ])
    expect(runs).toHaveLength(1)
  })

  it('of all segments comes from one run, in their order', async () => {
    const { model, runs } = fakeModel([
      { id: 'a', usual: 60 },
      { id: 'b', usual: 70 },
    ])
    const found = await outlooksOf(model, UNTIL, [full('b', 30), full('stranger', 20), full('a', 10)])
    expect(found.map((one) => [one?.source, one?.p50[0]])).toEqual([
      ['model', 33],
      ['persistence', 20],
      ['model', 13],
    ])
    expect(runs.map((x) => x.length)).toEqual([2 * 48])
  })

  it.each([
    ['four of twelve are missing', [N, N, N, N, 50, 50, 50, 50, 50, 50, 50, 41], 41],
    ['the newest is two steps old', [50, 50, 50, 50, 50, 50, 50, 50, 50, 41, N, N], 41],
    ['nothing was measured', Array(12).fill(N), null],
    ['the model gives no number', [...Array(11).fill(50), 13], 13],
    ['a value is beyond float32', [...Array(11).fill(50), Number.POSITIVE_INFINITY], null],
  ])('is what is usual where %s', async (_why, values, persistence) => {
    const { model } = fakeModel([{ id: 'a', usual: 60 }])
    expect(await outlooksOf(model, UNTIL, [series('a', ...values)])).toEqual([
      { source: 'profile', p50: [60, 60, 60, 60], band: null, persistence, profile: [60, 60, 60, 60] },
    ])
  })

  it('is for a segment the model does not know its newest value, up to three steps old; else nothing', async () => {
    const { model, runs } = fakeModel([{ id: 'a', usual: 60 }])
    const three = series('x', N, N, N, N, N, N, N, N, 33, N, N, N)
    const four = series('x', N, N, N, N, N, N, N, 33, N, N, N, N)
    expect(await outlooksOf(model, UNTIL, [three, four])).toEqual([
      { source: 'persistence', p50: [33, 33, 33, 33], band: null, persistence: 33, profile: null },
      undefined,
    ])
    expect(runs).toEqual([])
  })

  it('takes the neighbours that are there, wherever they stand, and no others', async () => {
    const sensors = [
      { id: 'a', usual: 60, neighbours: [[2, 0.75] as [number, number]] },
      { id: 'b', usual: 70 },
      { id: 'c', usual: 80 },
    ]
    const { model, runs } = fakeModel(sensors)
    const first = NEWEST + 1 + 9 + 3 + 6
    await outlooksOf(model, UNTIL, [full('c', 40), full('a', 48)])
    // Neighbour minus own newest, its change over three steps, its gap to what is usual: each by its share.
    expect([...(runs[0] as Float32Array).subarray(48 + first, 48 + first + 3)]).toEqual([
      0.75 * -8,
      0.75 * -10,
      0.75 * -40,
    ])
    await outlooksOf(model, UNTIL, [full('b', 40), full('a', 48)])
    expect([...(runs[1] as Float32Array).subarray(48 + first, 48 + first + 3)]).toEqual([0, 0, 0])
  })
})
