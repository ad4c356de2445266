import { forTargets, type Test } from './errors.ts'
import type { Evaluation } from './evaluation.ts'

const MOST_NAMED = 5

/** Where a model does well and where it does not, by sensor: MAE over the steps to the last horizon. */
export const sensorsOf = (
  test: Test,
  names: readonly string[],
  { model, persistence }: Record<'model' | 'persistence', Float32Array>,
  known: ReadonlyMap<string, number>,
): Evaluation['sensors'] => {
  const sums = names.map((id) => ({ id, n: 0, model: 0, persistence: 0 }))
  forTargets(test, test.horizons.at(-1) ?? 1, 1, (truth, at, sample) => {
    const sum = sums[test.samples.sensor[sample] as number]
    if (sum === undefined) return
    sum.n += 1
    sum.model += Math.abs(truth - (model[at] as number))
    sum.persistence += Math.abs(truth - (persistence[at] as number))
  })
  const judged = sums
    .filter(({ n }) => n > 0)
    .map(({ id, n, ...sum }) => ({ id, model: sum.model / n, persistence: sum.persistence / n }))
  return {
    forecast: judged.length,
    better: judged.filter((sensor) => sensor.model < sensor.persistence).length,
    unknown: names.filter((id) => !known.has(id)),
    worst: judged.toSorted((a, b) => b.model - a.model).slice(0, MOST_NAMED),
  }
}
