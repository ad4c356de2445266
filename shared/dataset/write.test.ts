import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { openDataset } from './dataset.ts'
import { type WrittenDataset, writeDataset } from './write.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'write-'))
})
afterAll(() => rm(folder, { recursive: true }))

const written = (rows: WrittenDataset['rows']): WrittenDataset => ({
  ...{ title: 'One loop', origin: 'by hand', timeZone: 'UTC', measure: 'speed', stepMs: 300_000, rows },
  start: new Date('2026-03-02T00:00:00Z'),
  devices: [{ id: 'a', longitude: 16, latitude: 48 }],
  network: { type: 'FeatureCollection', features: [] },
})

it('leaves a dataset as it was where the rows of the next one break off', async () => {
  await writeDataset(folder, written([[50], [51]]))
  const broken = async function* () {
    yield [1]
    throw new Error('the database is gone')
  }
  await expect(writeDataset(folder, written(broken()))).rejects.toThrow('the database is gone')
  expect(await readFile(join(folder, 'speed.csv'), 'utf8')).toBe('a\n50\n51\n')
  expect((await openDataset(folder)).about.title).toBe('One loop')
})

it('is no dataset where the first one breaks off', async () => {
  const empty = join(folder, 'first')
  const broken = async function* (): AsyncGenerator<number[]> {
    yield [1]
    throw new Error('the database is gone')
  }
  await expect(writeDataset(empty, written(broken()))).rejects.toThrow('the database is gone')
  expect(await readdir(empty)).not.toContain('dataset.json')
})
