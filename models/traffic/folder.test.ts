import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from '@jest/globals'
import { readModelFolder, writeModelFolder } from './folder.ts'

const files = { onnx: Uint8Array.of(1, 2), sidecar: '{}', statistics: '{"a":"ä"}', golden: '[]' }
let folder: string
beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'model-')), 'model')
})
afterEach(() => rm(join(folder, '..'), { recursive: true }))

it('reads what it wrote', async () => {
  await writeModelFolder(folder, files, '# A model\n')
  expect(await readModelFolder(folder)).toEqual({ ...files, onnx: Buffer.from(files.onnx) })
})

it('writes no model that would be refused for its size', async () => {
  // Two bytes a letter: half of 32 MiB, and one letter more.
  const statistics = 'ä'.repeat(2 ** 24 + 1)
  await expect(writeModelFolder(folder, { ...files, statistics }, '')).rejects.toThrow(
    'statistics.json of this model has 33554434 bytes; 33554432 is the most that is taken: train on fewer sensors',
  )
  expect(existsSync(folder)).toBe(false)
})
