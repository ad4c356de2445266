import type { Sidecar } from '../sidecar.ts'
import type { Band, BothErrors, Errors } from './errors.ts'
import type { Interval } from './margins.ts'
import type { Benchmark } from './published.ts'
import type { Regime } from './regimes.ts'

/** The forecasts that are compared, in the order of a table. */
export const FORECASTS = ['persistence', 'slotMean', 'ridge', 'model'] as const
export type ForecastName = (typeof FORECASTS)[number]

/** One definition of an error, all forecasts, at each horizon. */
export type Compared = Record<ForecastName, Errors>

/** How a model did on the last fifth of a dataset, which its training ends before. */
export interface Evaluation extends Record<keyof BothErrors, Compared>, Band {
  data: { title: string; origin?: string; measure: string; timeZone: string; stepMs: number; sha256: string }
  /** As people write it: of all errors, and of the band's width. */
  unit: string
  horizons: Sidecar['horizons']
  test: {
    from: string
    until: string
    /** At each horizon. */
    windows: number[]
    /** 1 where each window of the test part was judged, 2 where every other was, and so on. */
    every: number
    /** Pairs of a window and a sensor, and those left out because too little was measured. */
    used: number
    dropped: number
    /** Targets of the pairs used that were not measured, 0..1. */
    missing: number
  }
  /** The least error of each column. */
  winners: Record<keyof BothErrors, Record<keyof Errors, string[]>>
  /** How much less the model's errors over the steps to each horizon are: 95 of 100 draws of its hours. */
  margins: Record<Exclude<ForecastName, 'model'>, Record<keyof Errors, Interval[]>>
  /** Over the steps to the last horizon; of speeds alone. */
  regimes?: { words: string; onsets: Regime; congested: Regime }
  sensors: {
    /** Those the model forecasts, and on how many of them it beats persistence, by MAE over the steps to the last horizon. */
    forecast: number
    better: number
    /** Too little history. */
    unknown: string[]
    worst: { id: string; model: number; persistence: number }[]
  }
  model: {
    id: string
    onnx: string
    weights: number
    training: Sidecar['training']
    /** It was trained for this evaluation. */
    trainedHere: boolean
  }
  ridge: { lambda: number }
  benchmark?: Pick<Benchmark, 'name' | 'origin' | 'model' | 'errors' | 'remarks'>
}

/** The name of the least error of each column, T-GCN's own where its table has that column. */
export const winnersOf = (
  compared: Compared,
  published?: { model: string; errors: Errors },
): Record<keyof Errors, string[]> => {
  const rows = [...FORECASTS.map((name) => [name, compared[name]] as const)] as (readonly [string, Errors])[]
  if (published !== undefined) rows.push([published.model, published.errors])
  const of = (what: keyof Errors) =>
    compared.model[what].map((_, column) => {
      const [best] = rows.toSorted(([, a], [, b]) => (a[what][column] as number) - (b[what][column] as number))
      return best?.[0] ?? ''
    })
  return { rmse: of('rmse'), mae: of('mae') }
}
