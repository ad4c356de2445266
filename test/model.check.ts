import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { cityNetwork } from '#demo/simulated-city.ts'
import { Golden, Sidecar, Statistics } from '#models/traffic/sidecar.ts'

const folder = 'models/traffic/model'
const read = (name: string) => readFileSync(join(folder, name))
const json = (name: string): unknown => JSON.parse(read(name).toString())
const sha256 = (name: string) => createHash('sha256').update(read(name)).digest('hex')
const sidecar = Sidecar.parse(json('model.json'))
const { sensors } = Statistics.parse(json('statistics.json'))
const card = read('card.md').toString()

/** What a command of the card says behind an option. */
const option = (command: string, name: string): string | undefined =>
  new RegExp(`^bin/junction ${command}\\b.* --${name} (\\S+)`, 'm').exec(card)?.[1]

describe('the model that ships', () => {
  it('is made of files that belong together', () => {
    expect(sidecar.onnx.sha256).toBe(sha256('model.onnx'))
    expect(sidecar.statistics).toEqual({ sha256: sha256('statistics.json'), sensors: sensors.length })
    expect(sidecar.golden.sha256).toBe(sha256('golden.json'))
    for (const row of Golden.parse(json('golden.json')).features) expect(row).toHaveLength(sidecar.features.length)
  })

  it('knows each segment of the simulated town, in the units and windows of the city', () => {
    const segments = cityNetwork().features.map(({ properties }) => properties.segment)
    expect(sensors.map(({ id }) => id).sort()).toEqual(segments.sort())
    expect(sidecar).toMatchObject({ measure: 'speed', unit: 'KMH', stepMs: 300_000, timeZone: 'Europe/Vienna' })
    expect(sidecar.horizons.map(({ minutes }) => minutes)).toEqual([15, 30, 45, 60])
  })

  it('is what the commands of its card make', () => {
    const { training } = sidecar
    expect(training.title).toBe(`The simulated town, seed ${option('demo export', 'seed')}`)
    expect(Date.parse(training.from)).toBe(Date.parse(option('demo export', 'from') ?? ''))
    expect(Date.parse(training.until)).toBe(Date.parse(option('train', 'until') ?? ''))
    expect(training.seed).toBe(Number(option('train', 'seed')))
    expect(card).toContain(sidecar.onnx.sha256)
  })

  it('forecasts better than its references where the fit has not seen', () => {
    const { model, persistence, slotMean } = sidecar.validation
    for (const error of ['mae', 'rmse'] as const)
      for (const [n, own] of model[error].entries()) {
        expect(own).toBeLessThan(persistence[error][n] as number)
        expect(own).toBeLessThan(slotMean[error][n] as number)
      }
  })
})
