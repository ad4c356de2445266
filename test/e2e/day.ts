import { deriveNetwork } from '#demo/derive-network.ts'
import { cityNetwork, openSimulatedCity } from '#demo/simulated-city.ts'
import type { Network } from '#shared/contracts/network.ts'
import { SentReading } from '#shared/contracts/sent-reading.ts'
import { openDataset, type RawReading } from '#shared/dataset/dataset.ts'

/** A day of a city: its roads, and what came in at each step of 5 minutes. */
export interface Day {
  network: Network
  start: Date
  steps: DayStep[]
}

/** What comes in at once: readings, and what broken devices send for one. */
export interface DayStep {
  readings: RawReading[]
  malformed: string[]
}

export const STEP_MS = 5 * 60_000

/** A day by name: `demo`, or the first day of a dataset's folder. */
export const openDay = (name: string, seed: number, copies: number, windows: number): Promise<Day> =>
  name === 'demo' ? Promise.resolve(demoDay(seed, copies, windows)) : datasetDay(name, windows)

/** The simulated city so many times over, each with a seed of its own, so with traffic and broken devices of its own. */
function demoDay(seed: number, copies: number, windows: number): Day {
  const start = new Date('2026-03-02T00:00:00Z')
  const prefixes = Array.from({ length: copies }, (_, i) => `c${i}-`)
  const steps: DayStep[] = Array.from({ length: windows }, () => ({ readings: [], malformed: [] }))
  for (const [i, prefix] of prefixes.entries()) {
    const city = openSimulatedCity(seed + i)
    for (const [n, step] of steps.entries())
      for (const item of city.arriving(start.getTime() + n * STEP_MS, STEP_MS) as RawReading[]) {
        const sent = { ...item, device: prefix + item.device }
        if (isReading(sent)) step.readings.push(sent)
        else step.malformed.push(JSON.stringify(sent))
      }
  }
  const features = prefixes.flatMap((prefix) =>
    cityNetwork().features.map((feature) => ({
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

/** A zone at its end and units that exist are what the devices of the simulated city get wrong beside the types. */
const isReading = (sent: RawReading): boolean =>
  SentReading.safeParse(sent).success && sent.observedAt.endsWith('Z') && (sent.units?.speed ?? 'HM') === 'HM'

async function datasetDay(folder: string, windows: number): Promise<Day> {
  const dataset = await openDataset(folder)
  const steps: DayStep[] = []
  for await (const { readings } of dataset.steps()) {
    steps.push({ readings, malformed: [] })
    if (steps.length === windows) break
  }
  return { network: await deriveNetwork(dataset), start: await dataset.start(), steps }
}
