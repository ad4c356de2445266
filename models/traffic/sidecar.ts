import { z } from 'zod'

const Sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 in hex')
const figures = z.array(z.number())

/** Errors at each horizon, in the unit of the model. */
const Errors = z.strictObject({ mae: figures, rmse: figures })

/** `model.json`: what a model takes and gives, what it was made from and how it did where the fit had not seen. */
export const Sidecar = z.strictObject({
  format: z.literal(1),
  /** A quantity of the readings, and the UN/CEFACT code of the unit of everything here. */
  measure: z.string().min(1),
  unit: z.string().min(1),
  stepMs: z.int().positive(),
  timeZone: z.string().min(1),
  /** Outputs: one a step ahead, 1 to `steps`. */
  steps: z.int().positive(),
  /** The steps that are published. */
  horizons: z.array(z.strictObject({ minutes: z.int().positive(), step: z.int().positive() })).min(1),
  /** Names of the columns of the input, in order. */
  features: z.array(z.string().min(1)).min(1),
  onnx: z.strictObject({ sha256: Sha256, irVersion: z.int(), opset: z.int(), weights: z.int().positive() }),
  /** Of the file beside this one. */
  statistics: z.strictObject({ sha256: Sha256, sensors: z.int().positive() }),
  golden: z.strictObject({ sha256: Sha256 }),
  /** Differences are divided by `scale`; forecasts lie within `low` and `high`. */
  scaling: z.strictObject({ centre: z.number(), scale: z.number().positive(), low: z.number(), high: z.number() }),
  /** Added to both sides of the band, by step (conformalized quantile regression, Romano et al. 2019). */
  conformal: figures,
  training: z.strictObject({
    title: z.string(),
    origin: z.string().optional(),
    seed: z.int(),
    /** First instant, and the first that was not used. */
    from: z.iso.datetime(),
    until: z.iso.datetime(),
    rows: z.int().positive(),
    windows: z.strictObject({ used: z.int(), dropped: z.int() }),
    epochs: z.int().positive(),
    /** Of the grid before `until`: its ids, its times and its values. */
    sha256: Sha256,
  }),
  /** At each horizon, on the part that chose the model and its band. */
  validation: z.strictObject({
    from: z.iso.datetime(),
    until: z.iso.datetime(),
    model: Errors,
    persistence: Errors,
    slotMean: Errors,
    ridge: Errors,
    coverage: figures,
  }),
})
export type Sidecar = z.infer<typeof Sidecar>

// Looked at one by one by zod, the numbers of a town would take a tenth of what a process has to be ready.
const Profile = z.custom<(number | null)[]>(
  (value) => Array.isArray(value) && value.every((one) => one === null || Number.isFinite(one)),
  'must be a list of numbers or null',
)

/** One sensor in `statistics.json`; profiles hold a value a slot of the local day, null where there is none. */
export const SensorStatistics = z.strictObject({
  id: z.string().min(1),
  mean: z.number(),
  sd: z.number(),
  weekday: Profile.nullable(),
  weekend: Profile.nullable(),
  /** Strongest first: place in this file, and weight as a share of the strongest link's. */
  neighbours: z.array(z.tuple([z.int().nonnegative(), z.number().positive()])),
})
export type SensorStatistics = z.infer<typeof SensorStatistics>

/** `statistics.json`: what the features take from each sensor's past, as fitted. */
export const Statistics = z.strictObject({ sensors: z.array(SensorStatistics).min(1) })
export type Statistics = z.infer<typeof Statistics>

/** `golden.json`: rows of features, and what the trainer's own forward pass makes of them, row by row. */
export const Golden = z.strictObject({
  features: z.array(figures).min(1),
  p10: z.array(figures),
  p50: z.array(figures),
  p90: z.array(figures),
})
export type Golden = z.infer<typeof Golden>

/** The files of a model, as they lie in a folder or in a database. */
export interface ModelFiles {
  onnx: Uint8Array
  /** JSON texts, as hashed. */
  sidecar: string
  statistics: string
  golden: string
}
