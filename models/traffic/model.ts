import { createHash } from 'node:crypto'
import type { z } from 'zod'
import { inspectOnnx, MOST_BYTES, type OnnxDescription } from '../onnx/inspect.ts'
import { ModelError } from '../onnx/model-error.ts'
import { openSession, type Session } from '../onnx/session.ts'
import { featureNames, NEWEST } from './features.ts'
import { Golden, type ModelFiles, Sidecar, Statistics } from './sidecar.ts'
import { type OpenStatistics, openStatistics } from './statistics.ts'
import { INPUT, OUTPUTS } from './to-onnx.ts'
import { horizonsOf, stepsAhead } from './window.ts'

/** P10, P50 and P90: rows × steps each, in the unit of the model. */
export type Bands = Record<(typeof OUTPUTS)[number], Float32Array>

/** A model that passed every check, in memory. */
export interface Model {
  /** SHA-256 of its sidecar, which names the hashes of all else. */
  id: string
  sidecar: Sidecar
  statistics: OpenStatistics
  /** Forecasts `rows` rows × features at once; what a row makes overflow is NaN in the answer. */
  run(x: Float32Array, rows: number): Promise<Bands>
  /** Gives back its memory; no `run` afterwards. */
  release(): Promise<void>
}

/** The most each text of a model may have, in bytes of UTF-8: to open 9,000 sensors at 5 minutes, 31 MB, takes 235 MB of memory. */
export const MOST_TEXT = { sidecar: 2 ** 20, statistics: 32 * 2 ** 20, golden: 16 * 2 ** 20 }

const FILE = {
  onnx: 'model.onnx',
  sidecar: 'model.json',
  statistics: 'statistics.json',
  golden: 'golden.json',
} as const

/** The id of a model by its sidecar. */
export const modelId = (sidecar: string): string => sha256(sidecar)

const sha256 = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex')

/**
 * Opens a model: sizes, hashes, shapes and statistics are looked at before ONNX Runtime sees a byte of it, then it must
 * repeat the trainer's own answers and stay finite at extremes. Throws ModelError saying what is wrong.
 */
export const openModel = async (files: ModelFiles): Promise<Model> => {
  const { sidecar, golden, statistics } = checkFiles(files)
  const width = sidecar.features.length
  const session = await openSession(files.onnx, INPUT, width)
  const run = runOf(session, sidecar)
  const tried = refusing(run)
  try {
    await checkGolden(tried, golden, sidecar)
    await checkExtremes(tried, sidecar)
  } catch (error) {
    await session.release()
    throw error
  }
  return { id: modelId(files.sidecar), sidecar, statistics, run, release: () => session.release() }
}

const checkFiles = (files: ModelFiles) => {
  for (const [name, most] of Object.entries(MOST_TEXT)) {
    const size = Buffer.byteLength(files[name as keyof typeof MOST_TEXT])
    if (size > most) throw new ModelError(`${FILE[name as keyof typeof FILE]} has ${size} bytes; ${most} is the most`)
  }
  if (files.onnx.length > MOST_BYTES)
    throw new ModelError(`model.onnx has ${files.onnx.length} bytes; ${MOST_BYTES} is the most`)
  const sidecar = parse(files.sidecar, Sidecar, FILE.sidecar)
  for (const name of ['onnx', 'statistics', 'golden'] as const) {
    const hash = sha256(files[name])
    if (hash !== sidecar[name].sha256)
      throw new ModelError(`${FILE[name]} has the SHA-256 ${hash}; model.json names ${sidecar[name].sha256}`)
  }
  checkSidecar(sidecar)
  checkOnnx(inspectOnnx(files.onnx), sidecar)
  return {
    sidecar,
    statistics: statisticsOf(files.statistics, sidecar),
    golden: parse(files.golden, Golden, FILE.golden),
  }
}

const parse = <S extends z.ZodType>(text: string, schema: S, file: string): z.infer<S> => {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (error) {
    throw new ModelError(`${file} is no JSON: ${(error as Error).message}`)
  }
  const read = schema.safeParse(json)
  if (read.success) return read.data
  const [first] = read.error.issues
  throw new ModelError(`${file}: ${first?.path.join('.')}: ${first?.message}`)
}

/** A model is of this build: the same features, and the steps that are forecast here. */
const checkSidecar = ({ features, stepMs, steps, horizons, conformal, scaling }: Sidecar): void => {
  const ahead = horizonsOf(stepMs)
  if (JSON.stringify(horizons) !== JSON.stringify(ahead) || steps !== stepsAhead(stepMs))
    throw new ModelError(`model.json: steps of ${stepMs} ms are forecast ${JSON.stringify(ahead)} ahead`)
  const names = featureNames(horizons.length)
  const wrong = names.findIndex((name, nth) => name !== features[nth])
  if (wrong >= 0 || names.length !== features.length)
    throw new ModelError(
      `model.json: its features are not those of this version (column ${Math.max(wrong, 0)}): train anew`,
    )
  if (conformal.length !== steps)
    throw new ModelError(`model.json: conformal has ${conformal.length} steps, not ${steps}`)
  if (!(scaling.low < scaling.high)) throw new ModelError('model.json: scaling.low is not below scaling.high')
}

const checkOnnx = (found: OnnxDescription, { onnx, features, steps }: Sidecar): void => {
  for (const name of ['irVersion', 'opset', 'weights'] as const)
    if (found[name] !== onnx[name])
      throw new ModelError(`model.onnx: its ${name} is ${found[name]}; model.json says ${onnx[name]}`)
  const wanted = {
    inputs: [portLine(INPUT, ['batch', features.length])],
    outputs: OUTPUTS.map((name) => portLine(name, ['batch', steps])),
  }
  for (const side of ['inputs', 'outputs'] as const) {
    const lines = found[side].map(({ name, shape }) => portLine(name, shape)).join(', ')
    if (lines !== wanted[side].join(', '))
      throw new ModelError(`model.onnx: its ${side} are ${lines || 'none'}; those must be ${wanted[side].join(', ')}`)
  }
}

const portLine = (name: string, shape: readonly (number | string)[]): string => `${name} [${shape.join(', ')}]`

const statisticsOf = (text: string, { statistics, stepMs, timeZone }: Sidecar): OpenStatistics => {
  const read = parse(text, Statistics, FILE.statistics)
  const ids = new Set(read.sensors.map(({ id }) => id))
  if (ids.size !== read.sensors.length) throw new ModelError('statistics.json names a sensor twice')
  if (read.sensors.length !== statistics.sensors)
    throw new ModelError(`statistics.json has ${read.sensors.length} sensors; model.json says ${statistics.sensors}`)
  try {
    return openStatistics(read, { stepMs, timeZone })
  } catch (error) {
    if (error instanceof RangeError) throw new ModelError(`statistics.json: ${error.message}`)
    throw error
  }
}

const runOf =
  (session: Session, { steps }: Sidecar): Model['run'] =>
  async (x, rows) => {
    const found = rows === 0 ? {} : await session.run(x, rows)
    return Object.fromEntries(
      OUTPUTS.map((name) => {
        const values = found[name] ?? new Float32Array()
        if (values.length !== rows * steps)
          throw new ModelError(`${name} of ${rows} rows has ${values.length} numbers, not ${rows * steps}`)
        return [name, values]
      }),
    ) as Bands
  }

/** What ONNX Runtime finds wrong only when it runs is a fault of the model all the same. */
const refusing =
  (run: Model['run']): Model['run'] =>
  (x, rows) =>
    run(x, rows).catch((error: unknown) => {
      if (error instanceof ModelError) throw error
      throw new ModelError(`ONNX Runtime does not run model.onnx: ${(error as Error).message.slice(0, 300)}`)
    })

/** How far answers may lie from the trainer's own, in units of `scale`: float32 in another order of sums. */
const TOLERANCE = 1e-4
/** And as a share of the answer: some roundings, which say more than that where a scale is small beside the values. */
const ROUNDINGS = 4 * 2 ** -23

const checkGolden = async (run: Model['run'], golden: Golden, { features, steps, scaling }: Sidecar): Promise<void> => {
  const rows = golden.features.length
  const sized = (values: number[][], width: number) =>
    values.length === rows && values.every(({ length }) => length === width)
  if (!sized(golden.features, features.length) || !OUTPUTS.every((name) => sized(golden[name], steps)))
    throw new ModelError(`golden.json: ${rows} rows of ${features.length} features and ${steps} steps are not in it`)
  const bands = await run(Float32Array.from(golden.features.flat()), rows)
  for (const name of OUTPUTS) {
    const wrong = golden[name].flat().findIndex((value, at) => {
      const most = TOLERANCE * scaling.scale + ROUNDINGS * Math.abs(value)
      return !(Math.abs(value - Number(bands[name][at])) <= most)
    })
    if (wrong < 0) continue
    const [row, step] = [Math.floor(wrong / steps), (wrong % steps) + 1]
    throw new ModelError(
      `golden.json: ${name} of row ${row}, step ${step} is ${golden[name].flat()[wrong]}; the model answers ${bands[name][wrong]}`,
    )
  }
}

const PROBES = 64

/** Readings at both ends of the range in many an order: a model that answers them with a band within its limits overflows nowhere near. */
const checkExtremes = async (run: Model['run'], { features, steps, scaling }: Sidecar): Promise<void> => {
  const { centre, low, high } = scaling
  const width = features.length
  const x = new Float32Array(PROBES * width)
  let state = 1
  for (let at = 0; at < x.length; at++) {
    // Marsaglia's xorshift: signs without a pattern, the same each time.
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    const up = (state & 1) === 1
    x[at] = at % width === NEWEST ? (up ? high : low) - centre : (up ? 1 : -1) * (high - low)
  }
  const { p10, p50, p90 } = await run(x, PROBES)
  for (let at = 0; at < PROBES * steps; at++) {
    const [lower, median, upper] = [p10[at], p50[at], p90[at]].map(Number) as [number, number, number]
    if (Math.fround(low) <= lower && lower <= median && median <= upper && upper <= Math.fround(high)) continue
    throw new ModelError(
      `model.onnx answers extreme readings with ${lower}, ${median}, ${upper}: that is no band within ${low} and ${high}`,
    )
  }
}
