import { join } from 'node:path'
import { quantities } from '#shared/contracts/quantities.ts'
import { units } from '#shared/contracts/units.ts'
import { type Dataset, DatasetError, openDataset } from '#shared/dataset/dataset.ts'
import type { DatasetDescription } from '#shared/dataset/description.ts'
import { localClock, parseStep } from '#shared/dataset/local-time.ts'
import { readNetwork } from '#shared/dataset/network-file.ts'
import type { Grid } from './grid.ts'
import { checkStep, type Instants, inferStep, resample } from './resample.ts'
import { segmentLinks, segmentsOf } from './segments.ts'
import type { Link } from './statistics.ts'
import { LAGS, stepsAhead } from './window.ts'

/** How to read a dataset where it does not say so itself. */
export interface GridOptions {
  /** ISO duration from row to row; the commonest of the data unless given. */
  step?: string
  /** The first instant that is not read, in the dataset's zone unless it has one. */
  until?: string
  /** A value that stands for a missing reading. */
  missing?: number
}

/** A dataset on equal steps. */
export interface GridOfDataset {
  grid: Grid
  links: Link[]
  about: DatasetDescription
  /** UN/CEFACT code of the values. */
  unit: string
  report: GridReport
}

/** What became of the readings. */
export interface GridReport {
  /** Instants and readings of the file. */
  instants: number
  readings: number
  /** Readings that the step made one with another. */
  merged: number
  /** Cells of the grid without a reading, and sensors that have none at all. */
  missing: number
  silent: string[]
}

/** Puts a dataset folder on a regular grid, a column a segment; throws DatasetError for what none can be made of. */
export const readGrid = async (folder: string, options: GridOptions = {}): Promise<GridOfDataset> => {
  const dataset = await openDataset(folder)
  const { about, devices } = dataset
  const { timeZone } = about.values
  const until = instantOf('until', options.until, (text) => localClock(timeZone).instant(text).getTime())
  const instants = await readInstants(dataset, until, options.missing)
  const readings = instants.columns.reduce((sum, { length }) => sum + length, 0)
  const before = until === undefined ? '' : ` before ${new Date(until).toISOString()}`
  if (instants.at.length === 0) throw new DatasetError(`${folder}: ${about.values.file} has no rows${before}`)
  if (readings === 0) throw new DatasetError(`${folder}: ${about.values.file} has no readings${before}`)
  const stepMs = instantOf('step', options.step, fixedStep) ?? inferStep(instants)
  checkStep(stepMs, folder)
  const network = about.network === undefined ? undefined : await readNetwork(join(folder, about.network))
  const segments = segmentsOf(devices, network)
  const width = segments.ids.length
  const { start, rows, values } = resample(instants, segments.of, width, { stepMs, slowest: slowestOf(about), folder })
  const fewest = LAGS + stepsAhead(stepMs)
  if (rows < fewest)
    throw new DatasetError(
      `${folder}: ${rows} steps of ${stepMs / 1000} s${before}; a window and its hour take ${fewest}`,
    )
  const count = new Int32Array(width)
  for (const [at, value] of values.entries()) if (!Number.isNaN(value)) count[at % width] = (count[at % width] ?? 0) + 1
  const measured = count.reduce((sum, n) => sum + n, 0)
  return {
    grid: { sensors: segments.ids, start, stepMs, rows, values, timeZone },
    links: segmentLinks(dataset, network, segments),
    about,
    unit: unitOf(about),
    report: {
      instants: instants.at.length,
      readings,
      merged: readings - measured,
      missing: values.length - measured,
      silent: segments.ids.filter((_, i) => count[i] === 0),
    },
  }
}

const instantOf = (name: string, text: string | undefined, parse: (text: string) => number): number | undefined => {
  if (text === undefined) return undefined
  try {
    return parse(text)
  } catch (error) {
    throw new DatasetError(`${name}: ${(error as Error).message}`)
  }
}

const fixedStep = (text: string): number => {
  const { days, ms } = parseStep(text)
  return days * 86_400_000 + ms
}

const unitOf = ({ measure, unit }: DatasetDescription): string => unit ?? quantities.get(measure)?.unit ?? 'C62'

/** 1 km/h in the unit of speeds, as the city takes it; undefined for what is no speed. */
const slowestOf = (about: DatasetDescription): number | undefined => {
  if (about.measure !== 'speed') return undefined
  const unit = units.get(unitOf(about))
  if (unit?.dimension !== 'speed')
    throw new DatasetError(`the unit '${about.unit}' of the values is no speed: HM, KMH, MTS or KNT`)
  return 1 / unit.factor
}

const readInstants = async (
  dataset: Dataset,
  until = Number.POSITIVE_INFINITY,
  missing: number | undefined,
): Promise<Instants> => {
  const place = new Map(dataset.devices.map(({ id }, i) => [id, i]))
  const instants: Instants = { at: [], columns: [], values: [] }
  for await (const { at, values } of dataset.values()) {
    if (at.getTime() >= until) break
    const kept = missing === undefined ? values : values.filter(({ value }) => value !== missing)
    instants.at.push(at.getTime())
    instants.columns.push(Int32Array.from(kept, ({ device }) => place.get(device.id) as number))
    instants.values.push(Float32Array.from(kept, ({ value }) => value))
  }
  return instants
}
