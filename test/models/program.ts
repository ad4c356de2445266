import { readFile } from 'node:fs/promises'
import { inspectOnnx } from '#models/onnx/inspect.ts'
import { ModelError } from '#models/onnx/model-error.ts'
import { openSession } from '#models/onnx/session.ts'
import { readModelFolder } from '#models/traffic/folder.ts'
import { openModel } from '#models/traffic/model.ts'
import { onnxOf } from '#models/traffic/to-onnx.ts'
import type { Fitted } from '#models/traffic/train/fitted.ts'
import { forecastWith } from '#models/traffic/train/forward.ts'
import { randomFrom } from '#models/traffic/train/random.ts'

/** What needs ONNX Runtime, which jest cannot load: a verb and its arguments, one JSON document to standard output. */

const open = async (folder: string) => {
  try {
    const model = await openModel(await readModelFolder(folder))
    await model.release()
    return { id: model.id }
  } catch (error) {
    if (!(error instanceof ModelError)) throw error
    return { refused: error.message }
  }
}

/** What the ONNX file of a network given in JSON answers to rows. */
const answer = async (file: string) => {
  const { fitted, rows } = JSON.parse(await readFile(file, 'utf8'))
  const floats = (values: number[]) => Float32Array.from(values)
  const vectors = Object.fromEntries(['mean', 'sd', 'conformal'].map((name) => [name, floats(fitted[name])]))
  const layers = { weights: fitted.weights.map(floats), biases: fitted.biases.map(floats) }
  const bytes = onnxOf({ ...fitted, ...vectors, ...layers })
  const session = await openSession(bytes, 'features', rows[0].length)
  const bands = await session.run(floats(rows.flat()), rows.length)
  await session.release()
  // JSON has no NaN.
  return Object.fromEntries(Object.entries(bands).map(([name, values]) => [name, [...values].map(String)]))
}

/** How far the ONNX file of a network of the usual size lies from the trainer's own forward pass, in units of scale. */
const compare = async (seed: string) => {
  const random = randomFrom(Number(seed))
  const normal = () => random() + random() + random() + random() - 2
  const sizes = [48, 64, 64, 36]
  const drawn = (length: number, factor = 1) => Float32Array.from({ length }, () => factor * normal())
  const fitted: Fitted = {
    sizes,
    weights: sizes.slice(1).map((width, nth) => drawn(width * Number(sizes[nth]), Math.sqrt(6 / Number(sizes[nth])))),
    biases: sizes.slice(1).map((width) => drawn(width)),
    mean: drawn(48, 5),
    sd: Float32Array.from({ length: 48 }, () => 0.5 + random()),
    // Limits would hide a difference.
    ...{ newest: 11, centre: 59, scale: 9.5, low: -1000, high: 1000 },
    conformal: drawn(12, 0.3),
  }
  const rows = 1000
  const x = drawn(rows * 48, 3)
  const bytes = onnxOf(fitted)
  const session = await openSession(bytes, 'features', 48)
  const given = await session.run(x, rows)
  await session.release()
  const own = forecastWith(fitted, x)
  let furthest = 0
  for (const name of ['p10', 'p50', 'p90'] as const)
    own[name].forEach((value, at) => {
      furthest = Math.max(furthest, Math.abs(value - Number(given[name]?.[at])) / fitted.scale)
    })
  const same = Buffer.compare(bytes, onnxOf(fitted)) === 0
  return { furthest, same, described: inspectOnnx(bytes) }
}

const verbs: Record<string, (argument: string) => Promise<unknown>> = { open, answer, compare }
const [verb = '', ...args] = process.argv.slice(2)
const results = []
for (const argument of args) results.push(await verbs[verb]?.(argument))
process.stdout.write(JSON.stringify(results))
