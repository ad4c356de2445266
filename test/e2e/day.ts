import { openDataset, type RawReading } from '#demo/dataset.ts'
import { deriveNetwork } from '#demo/derive-network.ts'
import { generatedNetwork, generatedSteps } from '#demo/generator.ts'
import type { Network } from '#shared/contracts/network.ts'

/** A day of a city: its roads, and what its devices measured at each step of 5 minutes. */
export interface Day {
  network: Network
  start: Date
  steps: RawReading[][]
}

export const STEP_MS = 5 * 60_000

/** A day by name: `demo`, or the first day of a dataset's folder. */
export const openDay = (name: string, seed: number, segments: number, windows: number): Promise<Day> =>
  name === 'demo' ? demoDay(seed, segments, windows) : datasetDay(name, windows)

/** The generated city of 40 segments, as often as it takes, each with weather of its own. */
async function demoDay(seed: number, segments: number, windows: number): Promise<Day> {
  const start = new Date('2026-03-02T00:00:00Z')
  const copies = Array.from({ length: Math.ceil(segments / generatedNetwork().features.length) }, (_, i) => `c${i}-`)
  const steps: RawReading[][] = Array.from({ length: windows }, () => [])
  for (const [i, prefix] of copies.entries()) {
    let step = 0
    for await (const { readings } of generatedSteps({ seed: seed + i, periodMs: STEP_MS, from: start })) {
      steps[step]?.push(...readings.map((reading) => ({ ...reading, device: prefix + reading.device })))
      if (++step === windows) break
    }
  }
  const features = copies.flatMap((prefix) =>
    generatedNetwork().features.map((feature) => ({
      ...feature,
      properties: {
        ...feature.properties,
        segment: prefix + feature.properties.segment,
        devices: feature.properties.devices.map((device) => prefix + device),
        neighbours: (feature.properties.neighbours ?? []).map((neighbour) => prefix + neighbour),
      },
    })),
  )
  return { network: { type: 'FeatureCollection', features }, start, steps }
}

async function datasetDay(folder: string, windows: number): Promise<Day> {
  const dataset = await openDataset(folder)
  const steps: RawReading[][] = []
  for await (const { readings } of dataset.steps()) {
    steps.push(readings)
    if (steps.length === windows) break
  }
  return { network: await deriveNetwork(dataset), start: await dataset.start(), steps }
}
