import { describe, expect, it } from '@jest/globals'
import { fakeModel } from '#test/forecasts/model.ts'
import { literalModel } from '#test/models/literal.ts'
import { type Tried, tryOut } from './trial.ts'

const START = Date.parse('2026-03-02T00:00:00Z')
const STEP_MS = 300_000
const ROWS = 48

/** Both segments get a km/h faster with each window, which is what the model says; the newest speed is off by 3 to 12. */
const day = (columns = ['a', 'b']) => ({
  ...{ sensors: columns, start: START, stepMs: STEP_MS, rows: ROWS },
  values: Float32Array.from({ length: ROWS * columns.length }, (_, at) => 20 + Math.floor(at / columns.length)),
})
const knows = (segments: string[], until = START): Tried => {
  const training = { until: new Date(until).toISOString() } as Tried['model']['sidecar']['training']
  const sensors = segments.map((id) => ({ id, usual: 50 }))
  return { model: fakeModel(sensors, 'KMH', { training }).model, files: literalModel({ segments }), kmh: 1 }
}

describe('a trial', () => {
  it('counts the segments that only one of two models knows by their newest speed', async () => {
    const fewer = await tryOut(day(), knows(['b']), knows(['a', 'b']))
    expect(fewer).toMatchObject({ model: [1.5, 3, 4.5, 6, expect.any(Number)], served: [0, 0, 0, 0, 0] })
    const more = await tryOut(day(), knows(['a', 'b']), knows(['b']))
    expect(more).toMatchObject({ model: [0, 0, 0, 0, 0], served: [1.5, 3, 4.5, 6, expect.any(Number)] })
    expect(more.points).toBe(fewer.points)
    const other = await tryOut(day(), knows(['a']), knows(['b']))
    expect(other).toMatchObject({ model: [1.5, 3, 4.5, 6, expect.any(Number)], points: more.points })
  })

  it('has nobody beside it where the other knows nothing of the city', async () => {
    const alone = await tryOut(day(), knows(['b']), knows(['x']))
    expect(alone).toMatchObject({ model: [0, 0, 0, 0, 0], persistence: [3, 6, 9, 12, expect.any(Number)] })
    expect(alone.served).toBeUndefined()
  })

  it('is of the windows alone that a model was not trained on', async () => {
    // From the first with a whole hour behind it to the last with a speed 15 minutes ahead.
    expect((await tryOut(day(), knows(['a']), undefined)).windows).toBe(34)
    expect((await tryOut(day(), knows(['a'], START + 30 * STEP_MS), undefined)).windows).toBe(15)
    expect((await tryOut(day(), knows(['a'], START + 100 * STEP_MS), undefined)).windows).toBe(0)
  })

  it('looks at some of the windows where there are many segments, and says so', async () => {
    const many = Array.from({ length: 12_500 }, (_, at) => `s${at}`)
    expect(await tryOut(day(many), knows(['s7']), undefined)).toMatchObject({ stride: 3, windows: 11 })
    expect(await tryOut(day(), knows(['a']), undefined)).toMatchObject({ stride: 1 })
  })
})
