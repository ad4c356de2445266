import { mkdir, open, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { MOST_BYTES } from '../onnx/inspect.ts'
import { ModelError } from '../onnx/model-error.ts'
import { MOST_TEXT } from './model.ts'
import type { ModelFiles } from './sidecar.ts'

/** Reads the files of a model from its folder; throws ModelError where one is missing or larger than any of ours. */
export const readModelFolder = async (folder: string): Promise<ModelFiles> => {
  const text = async (file: string, most: number) => (await readCapped(join(folder, file), most)).toString('utf8')
  return {
    onnx: await readCapped(join(folder, 'model.onnx'), MOST_BYTES),
    sidecar: await text('model.json', MOST_TEXT.sidecar),
    statistics: await text('statistics.json', MOST_TEXT.statistics),
    golden: await text('golden.json', MOST_TEXT.golden),
  }
}

const readCapped = async (path: string, most: number): Promise<Buffer> => {
  const file = await open(path).catch((error: NodeJS.ErrnoException) => {
    throw new ModelError(`${path} cannot be read: ${error.code}`)
  })
  try {
    const stat = await file.stat()
    if (!stat.isFile()) throw new ModelError(`${path} is no file`)
    if (stat.size > most) throw new ModelError(`${path} has ${stat.size} bytes; ${most} is the most`)
    return await file.readFile()
  } finally {
    await file.close()
  }
}

/**
 * Writes a model into a folder, which is made; `card` is its description for people, in Markdown. Throws ModelError for
 * one that would be refused for its size, and then writes nothing.
 */
export const writeModelFolder = async (folder: string, files: ModelFiles, card: string): Promise<void> => {
  const sizes = { 'model.onnx': [files.onnx.length, MOST_BYTES] as const, ...textSizes(files) }
  for (const [name, [size, most]] of Object.entries(sizes))
    if (size > most)
      throw new ModelError(
        `${name} of this model has ${size} bytes; ${most} is the most that is taken: train on fewer sensors, or with a longer --step`,
      )
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'model.onnx'), files.onnx)
  await writeFile(join(folder, 'statistics.json'), files.statistics)
  await writeFile(join(folder, 'golden.json'), files.golden)
  await writeFile(join(folder, 'card.md'), card)
  await writeFile(join(folder, 'model.json'), files.sidecar)
}

const textSizes = ({ sidecar, statistics, golden }: ModelFiles) => ({
  'model.json': [Buffer.byteLength(sidecar), MOST_TEXT.sidecar] as const,
  'statistics.json': [Buffer.byteLength(statistics), MOST_TEXT.statistics] as const,
  'golden.json': [Buffer.byteLength(golden), MOST_TEXT.golden] as const,
})
