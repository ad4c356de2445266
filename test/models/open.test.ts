import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from '@jest/globals'
import { writeModelFolder } from '#models/traffic/folder.ts'
import type { ModelFiles } from '#models/traffic/sidecar.ts'
import { BAD, GOOD, LARGE } from './bad.ts'
import { runProgram } from './programs.ts'

const root = mkdtempSync(join(tmpdir(), 'junction-open-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

const folderOf = async (name: string, files: ModelFiles) => {
  const folder = join(root, name)
  await writeModelFolder(folder, files, '# by hand\n')
  return folder
}

describe('a model in a folder', () => {
  it('is opened where all fits, and is refused by what does not, with the reason', async () => {
    const folders = [await folderOf('good', GOOD), await folderOf('large', LARGE)]
    for (const [nth, [, files]] of BAD.entries()) folders.push(await folderOf(`bad${nth}`, files))
    const [good, large, ...bad] = runProgram('open', ...folders)
    for (const [found, { sidecar }] of [[good, GOOD] as const, [large, LARGE] as const])
      expect(found).toEqual({ id: createHash('sha256').update(sidecar).digest('hex') })
    expect(bad.map(({ refused }, nth) => [BAD[nth]?.[0], refused])).toEqual(
      BAD.map(([what, , reason]) => [what, expect.stringContaining(reason)]),
    )
  })

  it('is not read where a file is missing, or no file, or of 2 GB', async () => {
    mkdirSync(join(root, 'empty'))
    const folder = await folderOf('odd', GOOD)
    rmSync(join(folder, 'golden.json'))
    mkdirSync(join(folder, 'golden.json'))
    const huge = await folderOf('huge', GOOD)
    writeFileSync(join(huge, 'model.onnx'), '')
    truncateSync(join(huge, 'model.onnx'), 2 ** 31)
    expect(runProgram('open', join(root, 'empty'), folder, huge).map(({ refused }) => refused)).toEqual([
      expect.stringContaining('model.onnx cannot be read: ENOENT'),
      expect.stringContaining('golden.json is no file'),
      expect.stringContaining('model.onnx has 2147483648 bytes; 16777216 is the most'),
    ])
  })
})
