import { createHash } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from '@jest/globals'
import { Network } from '#shared/contracts/network.ts'
import { openDataset } from '#shared/dataset/dataset.ts'
import { type ExportOptions, exportCity } from './export.ts'

const folders: string[] = []
const exported = async (seed: number, what: Partial<ExportOptions> = {}) => {
  const folder = await mkdtemp(join(tmpdir(), 'export-'))
  folders.push(folder)
  const from = new Date('2026-03-02T00:00:00+01:00')
  await exportCity({ folder, seed, from, days: 1, stepMs: 300_000, measure: 'speed', ...what })
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

  it('writes what was counted in steps of another length: the same vehicles, no unit of speed', async () => {
    const morning = { from: new Date('2026-03-02T06:00:00+01:00'), days: 0.25 }
    const [fine, coarse] = await Promise.all([
      exported(7, { ...morning, measure: 'count' }),
      exported(7, { ...morning, measure: 'count', stepMs: 600_000 }),
    ])
    const [fiveMinutes, tenMinutes] = await Promise.all([openDataset(fine), openDataset(coarse)])
    expect(tenMinutes.about).toMatchObject({
      measure: 'count',
      unit: 'C62',
      values: { file: 'count.csv', step: 'PT10M' },
    })
    const counted = async ({ steps }: typeof fiveMinutes) => {
      const all = []
      for await (const { readings } of steps()) all.push(...readings)
      const of = all.filter(({ device }) => device === tenMinutes.devices.at(-1)?.id)
      return { rows: of.length, vehicles: of.reduce((sum, { measures }) => sum + (measures.count ?? Number.NaN), 0) }
    }
    const [five, ten] = [await counted(fiveMinutes), await counted(tenMinutes)]
    expect([five.rows, ten.rows]).toEqual([72, 36])
    expect(ten.vehicles).toBeGreaterThan(1_000)
    expect(ten.vehicles).toBe(five.vehicles)
  })
})
