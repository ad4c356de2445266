import { describe, expect, it } from '@jest/globals'
import type { Samples } from '../samples.ts'
import { type Epoch, fitNetwork, type Recipe } from './fit.ts'
import type { Fitted } from './fitted.ts'
import { forecastWith } from './forward.ts'
import { randomFrom } from './random.ts'

const FEATURES = 14
const STEPS = 3
const CENTRE = 50
const RECIPE: Recipe = {
  members: 2,
  hidden: [16, 16],
  steps: 128,
  epochs: [8, 8],
  patience: 0.4,
  batch: 128,
  rate: 1e-2,
  decay: 0.01,
}

/** Readings that fall by twice the first feature a step, with noise that grows with the steps. */
const samples = (n: number, seed: number, missing = 0): Samples => {
  const random = randomFrom(seed)
  const around0 = () => 2 * random() - 1
  const out: Samples = {
    x: Float32Array.from({ length: n * FEATURES }, around0),
    y: new Float32Array(n * STEPS),
    last: Float32Array.from({ length: n }, () => CENTRE + 10 * around0()),
    row: new Int32Array(n),
    sensor: new Int32Array(n),
    dropped: 0,
  }
  for (let i = 0; i < n; i += 1) {
    out.x[i * FEATURES + 11] = (out.last[i] as number) - CENTRE
    for (let step = 0; step < STEPS; step += 1) {
      const drift = 2 * (step + 1) * (out.x[i * FEATURES] as number)
      out.y[i * STEPS + step] = (out.last[i] as number) - drift + (step + 1) * 0.5 * around0()
    }
  }
  for (let at = 0; at < missing * out.y.length; at += 1) out.y[Math.floor(random() * out.y.length)] = Number.NaN
  return out
}

const fitted = (seed: number, training = samples(2000, 1), epochs: Epoch[] = []) =>
  fitNetwork(training, samples(500, 2), CENTRE, { seed, recipe: RECIPE, onEpoch: (epoch) => epochs.push(epoch) })

const bytes = ({ weights, biases, conformal }: Fitted) =>
  Buffer.concat([...weights, ...biases, conformal].map(({ buffer }) => Buffer.from(buffer))).toString('base64')

const meanError = (forecast: Float32Array, y: Float32Array): number => {
  const off = [...y]
    .map((target, at) => Math.abs(target - (forecast[at] as number)))
    .filter((error) => !Number.isNaN(error))
  return off.reduce((sum, error) => sum + error, 0) / off.length
}

describe('a fit', () => {
  it('learns what there is to learn, and a band that holds 80 of 100', () => {
    const epochs: Epoch[] = []
    const model = fitted(1, samples(2000, 1), epochs)
    const unseen = samples(2000, 3)
    const { p10, p50, p90 } = forecastWith(model, unseen.x)
    const persistence = Float32Array.from(unseen.y, (_, at) => unseen.last[Math.floor(at / STEPS)] as number)
    expect(meanError(persistence, unseen.y)).toBeGreaterThan(1.8)
    // The noise alone is 0.5 on average.
    expect(meanError(p50, unseen.y)).toBeLessThan(0.6)
    const inside = unseen.y.filter((target, at) => target >= (p10[at] as number) && target <= (p90[at] as number))
    expect(inside.length / unseen.y.length).toBeGreaterThan(0.75)
    expect(inside.length / unseen.y.length).toBeLessThan(0.85)
    expect(p50.every((median, at) => (p10[at] as number) <= median && median <= (p90[at] as number))).toBe(true)
    const of = (member: number) => epochs.filter((one) => one.member === member)
    for (const its of [of(1), of(2)])
      expect(its.map(({ epoch }) => epoch)).toEqual([1, 2, 3, 4, 5, 6, 7, 8].slice(0, its.length))
    const chosen = [of(1), of(2)].map((its) => its.findLast(({ best }) => best)?.epoch as number)
    expect(model.epochs).toBe((chosen[0] as number) + (chosen[1] as number))
  })

  it('is the same for the same seed, and another for another', () => {
    const first = fitted(5)
    expect(bytes(fitted(5))).toBe(bytes(first))
    expect(bytes(fitted(6))).not.toBe(bytes(first))
  })

  it('takes no notice of what lies behind a missing target', () => {
    const gaps = samples(2000, 1, 0.2)
    const model = fitted(1, gaps)
    const unseen = samples(2000, 3, 0.2)
    const { p50 } = forecastWith(model, unseen.x)
    expect(p50.some(Number.isNaN)).toBe(false)
    expect(meanError(p50, unseen.y)).toBeLessThan(0.65)
  })

  it('forecasts nothing below 0 or above what was measured', () => {
    const model = fitted(1)
    const { y, last } = samples(2000, 1)
    expect(model.low).toBe(0)
    expect(model.high).toBeCloseTo(Math.max(...y, ...last), 1)
    const far = samples(4, 9)
    for (let row = 0; row < 4; row += 1) far.x[row * FEATURES + 11] = row % 2 === 0 ? 1e6 : -1e6
    const { p10, p90 } = forecastWith(model, far.x)
    expect([...new Set([...p10, ...p90])].sort((a, b) => a - b)).toEqual([0, Math.fround(model.high)])
  })
})
