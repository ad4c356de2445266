import { beforeAll, describe, expect, it } from '@jest/globals'
import type { Grid } from '../grid.ts'
import { Golden, Sidecar, Statistics } from '../sidecar.ts'
import type { Recipe } from './fit.ts'
import { forecastWith } from './forward.ts'
import { randomFrom } from './random.ts'
import { type Progress, type TrainedModel, trainModel } from './train-model.ts'

const STEP_MS = 600_000
const DAY = 144
const RECIPE: Recipe = {
  ...{ members: 1, hidden: [16, 16], steps: 400, epochs: [4, 40], patience: 0.5, batch: 128, rate: 5e-3, decay: 0.01 },
}

/**
 * Speeds of four sensors, with a slower half of the day, some readings missing, and now and then a jam of exactly an
 * hour, whose end no linear forecast foresees; and of another sensor with an hour of readings alone.
 */
const week = (days = 5, seed = 1): Grid => {
  const random = randomFrom(seed)
  const sensors = ['a', 'b', 'c', 'd', 'new']
  const rows = days * DAY
  const values = new Float32Array(rows * sensors.length).fill(Number.NaN)
  for (let i = 0; i < sensors.length; i += 1)
    for (let row = 0, jam = 0; row < (i === 4 ? 6 : rows); row += 1) {
      jam = jam > 0 ? jam - 1 : random() < 0.02 ? 6 : 0
      const usual = row % DAY < DAY / 2 ? 60 : 50
      if (random() > 0.01) values[row * sensors.length + i] = (jam > 0 ? 20 : usual) + random()
    }
  return { sensors, start: Date.parse('2026-03-02T00:00:00Z'), stepMs: STEP_MS, rows, values, timeZone: 'UTC' }
}
const links = [{ from: 0, to: 1, weight: 1 }]
const about = { title: 'A test', measure: 'speed', origin: 'a formula' }
const train = (grid = week(), seed = 1, onProgress: (progress: Progress) => void = () => {}) =>
  trainModel({ grid, links, about, unit: 'KMH', seed, recipe: RECIPE, onProgress })

describe('a training', () => {
  let model: TrainedModel
  const progress: Progress[] = []
  beforeAll(() => {
    model = train(week(), 1, (one) => progress.push(one))
  })

  it('makes a model whose files belong together, and says how far it is', () => {
    const { files, sidecar, card, without, better } = model
    expect(Sidecar.parse(JSON.parse(files.sidecar))).toEqual(sidecar)
    expect(Statistics.parse(JSON.parse(files.statistics)).sensors.map(({ id }) => id)).toEqual(['a', 'b', 'c', 'd'])
    expect(sidecar).toMatchObject({
      ...{ measure: 'speed', unit: 'KMH', stepMs: STEP_MS, timeZone: 'UTC', steps: 6 },
      training: { title: 'A test', origin: 'a formula', from: '2026-03-02T00:00:00.000Z', rows: 720, seed: 1 },
      validation: { from: '2026-03-06T00:00:00.000Z', until: '2026-03-07T00:00:00.000Z' },
    })
    expect(sidecar.training.windows.used).toBeGreaterThan(1500)
    expect(without).toEqual(['new'])
    expect(better).toBeUndefined()
    const { model: errors, persistence, slotMean } = sidecar.validation
    for (const simpler of [persistence, slotMean]) expect(errors.mae.at(-1)).toBeLessThan(simpler.mae.at(-1) as number)
    expect(card).toContain('| persistence | ')
    expect(card).toContain('their newest reading is the forecast: new.')
    expect(progress[0]).toMatchObject({ sensors: 4 })
    expect(progress.filter((one) => 'epoch' in one).length).toBeGreaterThan(3)
  })

  it('keeps its own answers beside the model', () => {
    const { files, fitted } = model
    const golden = Golden.parse(JSON.parse(files.golden))
    expect(golden.features.length).toBe(8)
    const { p10, p50, p90 } = forecastWith(fitted, Float32Array.from(golden.features.flat()))
    expect([...p10]).toEqual([...Float32Array.from(golden.p10.flat())])
    expect([...p50]).toEqual([...Float32Array.from(golden.p50.flat())])
    expect([...p90]).toEqual([...Float32Array.from(golden.p90.flat())])
  })

  it('makes the same bytes of the same data and seed, others of others', () => {
    expect(train().files).toEqual(model.files)
    expect(train(week(), 2).files.onnx).not.toEqual(model.files.onnx)
    expect(train(week(5, 2)).files.onnx).not.toEqual(model.files.onnx)
  })

  it('says where a simpler forecast does better', () => {
    const grid = week()
    const random = randomFrom(4)
    // Speeds that go nowhere in particular: nothing is better than the newest.
    for (let i = 0; i < grid.sensors.length; i += 1)
      for (let row = 0, speed = 50; row < grid.rows; row += 1) {
        speed += random() < 0.5 ? 1 : -1
        grid.values[row * grid.sensors.length + i] = speed
      }
    expect(train(grid).better).toMatch(/persistence|ridge/)
  })

  it.each([
    [week(2), 'the data hold 2.0 days: training takes 3 at least'],
    [{ ...week(), values: new Float32Array(5 * DAY * 5).fill(Number.NaN) }, 'no sensor has a day of readings'],
    [{ ...week(), values: week().values.fill(Number.NaN, 4 * DAY * 5) }, '0 windows on the last day can be used'],
  ])('refuses too little', (grid, why) => {
    expect(() => train(grid)).toThrow(why)
  })
})
