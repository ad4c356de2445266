import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { convert, units } from '#shared/contracts/units.ts'
import type { DatasetDescription } from './dataset/description.ts'
import type { RawReading } from './dataset.ts'
import { cityNetwork, openSimulatedCity, type SimulatedCity } from './simulated-city.ts'
import { MARKET } from './town/plan.ts'

/** What of the simulated city is written, and where. */
export interface ExportOptions {
  folder: string
  seed: number
  from: Date
  days: number
}

const STEP_MS = 5 * 60_000
const STEPS_A_DAY = 288
/** The last reading of the loops within a window of 5 minutes comes so long before its end. */
const LAST_MS = 30_000
/** What an overflown counter sends is no measurement. */
const FASTEST_KMH = 300

/**
 * Writes days of the simulated city as a dataset of speeds with its road network; the same options write the same bytes.
 * A row holds what was measured from its instant on, so that a replay makes the states the live city has.
 */
export const exportCity = async ({
  folder,
  seed,
  from,
  days,
}: ExportOptions): Promise<{ rows: number; devices: number }> => {
  const start = new Date(Math.floor(from.getTime() / STEP_MS) * STEP_MS)
  const city = openSimulatedCity(seed)
  const loops = city.devices.filter(({ id }) => id.startsWith('loop-'))
  const network = cityNetwork()
  const about: DatasetDescription = {
    title: `The simulated town, seed ${seed}`,
    values: { file: 'speed.csv', form: 'wide', timeZone: MARKET.timeZone, start: start.toISOString(), step: 'PT5M' },
    measure: 'speed',
    unit: 'KMH',
    devices: { file: 'devices.csv', id: 'device', latitude: 'latitude', longitude: 'longitude', prefix: '' },
    links: { file: 'links.csv', form: 'list', from: 'from', to: 'to' },
    network: 'network.geojson',
    origin: 'simulated by a cell transmission model; no measurement of any real place',
  }
  const rows = Array.from({ length: days * STEPS_A_DAY }, (_, n) => speedsAt(city, start.getTime() + n * STEP_MS))
  const csv = (lines: (string | number)[][]) => `${lines.map((line) => line.join(',')).join('\n')}\n`
  const write = (name: string, text: string) => writeFile(join(folder, name), text)
  await mkdir(folder, { recursive: true })
  await write('dataset.json', `${JSON.stringify(about, undefined, 2)}\n`)
  await write('network.geojson', `${JSON.stringify(network)}\n`)
  await write(
    'speed.csv',
    csv([loops.map(({ id }) => id), ...rows.map((row) => loops.map(({ id }) => row.get(id) ?? ''))]),
  )
  await write(
    'devices.csv',
    csv([['device', 'latitude', 'longitude'], ...loops.map(({ id, coordinates: [lon, lat] }) => [id, lat, lon])]),
  )
  await write('links.csv', csv([['from', 'to'], ...city.links]))
  return { rows: rows.length, devices: loops.length }
}

/** The speeds of the window that begins at an instant, by device, in km/h. */
const speedsAt = (city: SimulatedCity, at: number): Map<string, number> =>
  new Map(
    city.measured(at + STEP_MS - LAST_MS, STEP_MS).flatMap((reading) => {
      const speed = kmh(reading)
      return speed === undefined || speed > FASTEST_KMH ? [] : [[reading.device, speed] as const]
    }),
  )

const KMH = units.get('KMH')

const kmh = ({ measures: { speed }, units: own }: RawReading): number | undefined => {
  const unit = units.get(own?.speed ?? 'KMH')
  if (speed === undefined || unit === undefined || KMH === undefined) return undefined
  return Math.round(convert(speed, unit, KMH) * 10) / 10
}
