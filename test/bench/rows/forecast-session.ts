import { InferenceSession, Tensor } from 'onnxruntime-node'
import { readModelFolder } from '#models/traffic/folder.ts'
import { type Model, openModel } from '#models/traffic/model.ts'
import { SHIPPED } from '../forecasts.ts'
import { percentile } from '../percentile.ts'
import type { Figure, Row } from '../row.ts'

const SIZES = [1, 207]
const WARM = 2_000
const RUNS = 10_000
const LOOKS = 1_000
const RUNS_A_LOOK = 500

/** One forecast of one segment and of a city at once. */
export const forecastSession: Row = {
  name: 'forecast-session',
  what: `the model that ships asked for ${SIZES.join(' and ')} rows, ${RUNS} times in turn with ONNX Runtime called bare`,
  async measure() {
    const files = await readModelFolder(SHIPPED)
    const model = await openModel(files)
    const bare = await InferenceSession.create(files.onnx, { intraOpNumThreads: 1, interOpNumThreads: 1 })
    const figures: Figure[] = []
    for (const rows of SIZES) figures.push(...(await inTurn(model, bare, rows)))
    await model.release()
    await bare.release()
    return figures
  },
}

async function inTurn(model: Model, bare: InferenceSession, rows: number): Promise<Figure[]> {
  const width = model.sidecar.features.length
  const x = new Float32Array(rows * width)
  const input = new Tensor('float32', x, [rows, width])
  const [own, reference]: [number[], number[]] = [[], []]
  for (let i = 0; i < WARM + RUNS; i++) {
    const began = performance.now()
    await model.run(x, rows)
    const between = performance.now()
    await bare.run({ features: input })
    const ended = performance.now()
    if (i < WARM) continue
    own.push((between - began) * 1_000)
    reference.push((ended - between) * 1_000)
  }
  return [50, 99].map((percent) => ({
    ...{ name: `${rows} rows, p${percent}`, value: percentile(own, percent), unit: 'µs' },
    reference: { name: 'bare', value: percentile(reference, percent) },
  }))
}

/** Whether asking a model for long leaves anything behind. */
export const forecastMemory: Row = {
  name: 'forecast-memory',
  what: `resident memory while the model that ships is asked for 207 rows ${LOOKS * RUNS_A_LOOK} times`,
  async measure() {
    const model = await openModel(await readModelFolder(SHIPPED))
    const x = new Float32Array(207 * model.sidecar.features.length)
    const seen: number[] = []
    for (let look = 0; look < LOOKS; look++) {
      for (let run = 0; run < RUNS_A_LOOK; run++) await model.run(x, 207)
      seen.push(process.memoryUsage().rss / 2 ** 20)
    }
    await model.release()
    const quarter = (nth: number) => percentile(seen.slice(((nth - 1) * LOOKS) / 4, (nth * LOOKS) / 4), 50)
    return [
      {
        ...{ name: 'median of the last quarter', value: quarter(4), unit: 'MB' },
        reference: { name: 'of the second quarter', value: quarter(2) },
        aim: { of: 'ratio', atMost: 1.05 },
      },
    ]
  },
}
