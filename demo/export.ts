import { convert, units } from '#shared/contracts/units.ts'
import type { RawReading } from '#shared/dataset/dataset.ts'
import { writeDataset } from '#shared/dataset/write.ts'
import { cityNetwork, openSimulatedCity } from './simulated-city.ts'
import { MARKET } from './town/plan.ts'

/** What of the simulated city is written, and where. */
export interface ExportOptions {
  folder: string
  seed: number
  from: Date
  days: number
  /** From row to row, in ms: whole numbers of 5 minutes, an hour at most. */
  stepMs: number
  measure: 'speed' | 'count'
}

const DAY_MS = 86_400_000
/** The last reading of the loops within a row comes so long before its end. */
const LAST_MS = 30_000
/** What an overflown counter sends is no measurement. */
const FASTEST_KMH = 300

/**
 * Writes days of the simulated city as a dataset with its road network, of speeds in km/h or of the vehicles counted in a
 * step; the same options write the same bytes. A row holds what was measured from its instant on, so that a replay of
 * 5 minutes makes the states the live city has.
 */
export const exportCity = async ({
  folder,
  seed,
  from,
  days,
  stepMs,
  measure,
}: ExportOptions): Promise<{ rows: number; devices: number }> => {
  const start = new Date(Math.floor(from.getTime() / stepMs) * stepMs)
  const city = openSimulatedCity(seed)
  const loops = city.devices.filter(({ id }) => id.startsWith('loop-'))
  const rowAt = measure === 'speed' ? speedsAt : countsAt
  const rows = Array.from({ length: Math.floor((days * DAY_MS) / stepMs) }, (_, n) => {
    const row = rowAt(city.measured(start.getTime() + (n + 1) * stepMs - LAST_MS, stepMs))
    return loops.map(({ id }) => row.get(id))
  })
  await writeDataset(folder, {
    title: `The simulated town, seed ${seed}`,
    origin: 'simulated by a cell transmission model; no measurement of any real place',
    timeZone: MARKET.timeZone,
    ...{ measure, start, stepMs, rows },
    devices: loops.map(({ id, coordinates: [longitude, latitude] }) => ({ id, longitude, latitude })),
    links: city.links,
    network: cityNetwork(),
  })
  return { rows: rows.length, devices: loops.length }
}

/** Speeds by device, in km/h. */
const speedsAt = (readings: RawReading[]): Map<string, number> =>
  new Map(
    readings.flatMap((reading) => {
      const speed = kmh(reading)
      return speed === undefined || speed > FASTEST_KMH ? [] : [[reading.device, speed] as const]
    }),
  )

/** Vehicles in the period, by device. */
const countsAt = (readings: RawReading[]): Map<string, number> =>
  new Map(
    readings.flatMap(({ device, measures: { count } }) => (count === undefined ? [] : [[device, count] as const])),
  )

const KMH = units.get('KMH')

const kmh = ({ measures: { speed }, units: own }: RawReading): number | undefined => {
  const unit = units.get(own?.speed ?? 'KMH')
  if (speed === undefined || unit === undefined || KMH === undefined) return undefined
  return Math.round(convert(speed, unit, KMH) * 10) / 10
}
