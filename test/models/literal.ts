import { createHash } from 'node:crypto'
import { IR_VERSION, OPSET } from '#models/onnx/write.ts'
import { featureNames, NEWEST } from '#models/traffic/features.ts'
import type { ModelFiles, Sidecar } from '#models/traffic/sidecar.ts'
import { onnxOf } from '#models/traffic/to-onnx.ts'
import type { Fitted } from '#models/traffic/train/fitted.ts'

const STEPS = 12
const CENTRE = 50
const SCALE = 10
const LIMITS = { low: 0, high: 130 }
/** Half the width of the band, km/h. */
const HALF = 5

/** A model by hand: it says that the newest speed goes on, `change` km/h higher. */
export interface Literal {
  segments: string[]
  change?: number
  /** Answers NaN where the newest speed is within half a km/h of this. */
  poison?: number
}

/** Its network: hidden layers stay 0 but at the poison, where they overflow. */
export const literalFitted = ({ change = 0, poison }: Literal): Fitted => {
  const features = featureNames(4).length
  const first = new Float32Array(features * 3)
  const bump = (poison ?? 0) - CENTRE
  if (poison !== undefined) first.fill(1, NEWEST * 3, NEWEST * 3 + 3)
  return {
    sizes: [features, 3, 1, 3 * STEPS],
    // A tent over the poison, of which only what is above a half gets through, so that rounding elsewhere does not.
    weights: [
      first,
      Float32Array.of(1e10, -2e10, 1e10),
      new Float32Array(3 * STEPS).fill(poison === undefined ? 0 : 1e38),
    ],
    biases: [
      Float32Array.of(1 - bump, -bump, -1 - bump),
      Float32Array.of(-0.5e10),
      Float32Array.from({ length: 3 * STEPS }, (_, at) => (change + (Math.floor(at / STEPS) - 1) * HALF) / SCALE),
    ],
    mean: new Float32Array(features),
    sd: new Float32Array(features).fill(1),
    newest: NEWEST,
    centre: CENTRE,
    scale: SCALE,
    ...LIMITS,
    conformal: new Float32Array(STEPS),
  }
}

const sha256 = (data: string | Uint8Array) => createHash('sha256').update(data).digest('hex')
const clipped = (speed: number) => Math.min(Math.max(speed, LIMITS.low), LIMITS.high)

/** The same as files, `over` in the place of parts of its sidecar; hashes fit unless `over` says others. */
export const literalModel = (
  literal: Literal,
  { onnx = onnxOf(literalFitted(literal)), over = {} }: { onnx?: Uint8Array; over?: Partial<Sidecar> } = {},
): ModelFiles => {
  const { segments, change = 0 } = literal
  const features = featureNames(4)
  const speeds = [20, 50, 80]
  const expected = (off: number) => speeds.map((speed) => Array(STEPS).fill(clipped(speed + change + off)) as number[])
  const golden = JSON.stringify({
    features: speeds.map((speed) => features.map((_, at) => (at === NEWEST ? speed - CENTRE : 0))),
    p10: expected(-HALF),
    p50: expected(0),
    p90: expected(HALF),
  })
  const statistics = JSON.stringify({
    sensors: segments.map((id) => ({
      id,
      mean: 50,
      sd: 10,
      weekday: Array(288).fill(55),
      weekend: null,
      neighbours: [],
    })),
  })
  const errors = { mae: [4, 5, 6, 7], rmse: [5, 6, 7, 8] }
  const sidecar: Sidecar = {
    format: 1,
    measure: 'speed',
    unit: 'KMH',
    stepMs: 300_000,
    timeZone: 'Europe/Vienna',
    steps: STEPS,
    horizons: [15, 30, 45, 60].map((minutes) => ({ minutes, step: minutes / 5 })),
    features,
    onnx: { sha256: sha256(onnx), irVersion: IR_VERSION, opset: OPSET, weights: 48 * 3 + 3 + 3 + 1 + 36 + 36 },
    statistics: { sha256: sha256(statistics), sensors: segments.length },
    golden: { sha256: sha256(golden) },
    scaling: { centre: CENTRE, scale: SCALE, ...LIMITS },
    conformal: Array(STEPS).fill(0),
    training: {
      title: 'by hand',
      seed: 1,
      from: '2026-03-02T00:00:00Z',
      until: '2026-03-09T00:00:00Z',
      rows: 2016,
      windows: { used: 2000, dropped: 16 },
      epochs: 1,
      sha256: '0'.repeat(64),
    },
    validation: {
      from: '2026-03-08T00:00:00Z',
      until: '2026-03-09T00:00:00Z',
      ...{ model: errors, persistence: errors, slotMean: errors, ridge: errors },
      coverage: [0.8, 0.8, 0.8, 0.8],
    },
    ...over,
  }
  return { onnx, sidecar: JSON.stringify(sidecar), statistics, golden }
}
