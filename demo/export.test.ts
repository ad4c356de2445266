import { createHash } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from '@jest/globals'
import { Network } from '#shared/contracts/network.ts'
import { openDataset } from './dataset.ts'
import { exportCity } from './export.ts'

const folders: string[] = []
const exported = async (seed: number) => {
  const folder = await mkdtemp(join(tmpdir(), 'export-'))
  folders.push(folder)
  await exportCity({ folder, seed, from: new Date('2026-03-02T00:00:00+01:00'), days: 1 })
  return folder
}
const hashOf = async (folder: string) => {
  const hash = createHash('sha256')
  for (const name of (await readdir(folder)).sort()) hash.update(name).update(await readFile(join(folder, name)))
  return hash.digest('hex')
}
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true })
})

describe('exportCity', () => {
  it('writes a dataset that can be opened, with the network of its devices', async () => {
    const folder = await exported(7)
    const dataset = await openDataset(folder)
    const steps = []
    for await (const step of dataset.steps()) steps.push(step)
    expect([steps.length, steps[0]?.at.toISOString(), steps.at(-1)?.at.toISOString()]).toEqual([
      288,
      '2026-03-01T23:00:00.000Z',
      '2026-03-02T22:55:00.000Z',
    ])
    const speeds = steps.flatMap(({ readings }) => readings.map(({ measures }) => measures.speed ?? 0))
    expect(speeds.length).toBeGreaterThan(0.97 * 288 * dataset.devices.length)
    expect(speeds.filter((speed) => !(speed > 0 && speed < 120))).toEqual([])
    const { features } = Network.parse(JSON.parse(await readFile(join(folder, dataset.about.network ?? ''), 'utf8')))
    const onRoads = new Set(features.flatMap(({ properties }) => properties.devices))
    expect(dataset.devices.filter(({ id }) => !onRoads.has(id))).toEqual([])
    expect(dataset.links.length).toBeGreaterThan(dataset.devices.length)
  })

  it('writes the same bytes for the same seed, and others for another', async () => {
    const [first, again, other] = [await exported(7), await exported(7), await exported(8)]
    expect(await hashOf(again)).toBe(await hashOf(first))
    expect(await hashOf(other)).not.toBe(await hashOf(first))
  })
})
