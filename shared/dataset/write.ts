import { createWriteStream } from 'node:fs'
import { mkdir, readdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { Network } from '#shared/contracts/network.ts'
import { type DatasetDescription, DatasetError } from './description.ts'
import type { DatasetDevice } from './devices.ts'

/** What a dataset folder is written from: speeds or counts on equal steps, a column a device. */
export interface WrittenDataset {
  title: string
  origin: string
  timeZone: string
  measure: 'speed' | 'count'
  /** The instant of the first row, and from row to row, ms. */
  start: Date
  stepMs: number
  devices: DatasetDevice[]
  /** Pairs of device ids; left to the network's neighbours unless given. */
  links?: (readonly [string, string])[]
  network: Network
  /** A row holds a value a device, in km/h or vehicles; an empty cell where nothing was measured. */
  rows: AsyncIterable<Cell[]> | Iterable<Cell[]>
}

type Cell = number | undefined

/**
 * Writes a folder that `openDataset` reads, in the place of a dataset that lay there; where its rows break off that one stays.
 * Throws DatasetError for a folder with files of these names that is no dataset: they are somebody's.
 */
export async function writeDataset(folder: string, dataset: WrittenDataset): Promise<void> {
  const { measure, devices, links, network, rows, start, stepMs } = dataset
  const file = `${measure}.csv`
  const about: DatasetDescription = {
    title: dataset.title,
    values: {
      file,
      form: 'wide',
      timeZone: dataset.timeZone,
      start: start.toISOString(),
      step: stepMs % 60_000 === 0 ? `PT${stepMs / 60_000}M` : `PT${stepMs / 1000}S`,
    },
    measure,
    unit: measure === 'speed' ? 'KMH' : 'C62',
    devices: { file: 'devices.csv', id: 'device', latitude: 'latitude', longitude: 'longitude', prefix: '' },
    ...(links && { links: { file: 'links.csv', form: 'list', from: 'from', to: 'to' } }),
    network: 'network.geojson',
    origin: dataset.origin,
  }
  await mkdir(folder, { recursive: true })
  const there = await readdir(folder)
  const foreign = there.find((name) => [file, 'devices.csv', 'links.csv', 'network.geojson'].includes(name))
  if (foreign !== undefined && !there.includes('dataset.json'))
    throw new DatasetError(`${join(folder, foreign)} is there already, without a dataset.json: choose another folder`)
  const part = join(folder, `${file}.part`)
  await pipeline(async function* () {
    yield line(devices.map(({ id }) => id))
    for await (const row of rows) yield line(row)
  }, createWriteStream(part))
  await rename(part, join(folder, file))
  const write = (name: string, text: string) => writeFile(join(folder, name), text)
  await write('network.geojson', `${JSON.stringify(network)}\n`)
  const places = devices.map(({ id, latitude, longitude }) => line([id, latitude, longitude]))
  await write('devices.csv', [line(['device', 'latitude', 'longitude']), ...places].join(''))
  if (links) await write('links.csv', [line(['from', 'to']), ...links.map(line)].join(''))
  await write('dataset.json', `${JSON.stringify(about, undefined, 2)}\n`)
}

const line = (cells: readonly (string | Cell)[]): string => `${cells.map(quoted).join(',')}\n`

/** As RFC 4180 has it; an id may hold any character. */
const quoted = (cell: string | Cell): string => {
  const text = String(cell ?? '')
  return /^[\w .:+-]*$/.test(text) && text.trim() === text ? text : `"${text.replaceAll('"', '""')}"`
}
