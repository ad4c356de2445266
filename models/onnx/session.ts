import { ModelError } from './model-error.ts'

/** Says that models cannot be run here, and where they can. */
class NoOnnxRuntime extends Error {
  override name = 'NoOnnxRuntime'
}

/** A model in memory that can be asked. */
export interface Session {
  /** Asks for `rows` rows at once; gives each output, rows × its width. */
  run(input: Float32Array, rows: number): Promise<Record<string, Float32Array>>
  /** Gives back the memory, which nothing else does; no `run` afterwards. */
  release(): Promise<void>
}

/**
 * Opens a model that was inspected, with one input `input` of `width` columns; throws ModelError where ONNX Runtime does
 * not take it. One thread: a batch of a city takes microseconds, and threads sized by the host would fight for its share.
 */
export const openSession = async (bytes: Uint8Array, input: string, width: number): Promise<Session> => {
  const { InferenceSession, Tensor } = await import('onnxruntime-node').catch(absent)
  const session = await InferenceSession.create(bytes, {
    executionProviders: ['cpu'],
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    logSeverityLevel: 3,
  }).catch((error: unknown) => {
    throw new ModelError(`ONNX Runtime does not take model.onnx: ${(error as Error).message.slice(0, 300)}`)
  })
  return {
    async run(values, rows) {
      const results = await session.run({
        [input]: new Tensor('float32', values.subarray(0, rows * width), [rows, width]),
      })
      return Object.fromEntries(Object.entries(results).map(([name, { data }]) => [name, data as Float32Array]))
    },
    release: () => session.release(),
  }
}

const absent = (error: NodeJS.ErrnoException): never => {
  if (!error.code?.endsWith('MODULE_NOT_FOUND') || !error.message.includes("'onnxruntime-node'")) throw error
  throw new NoOnnxRuntime('onnxruntime-node is not here, as in the image of the connector: use that of all of Junction')
}
