import type { NetworkFeature } from '#shared/contracts/network.ts'
import { PageSettings } from '#shared/contracts/page.ts'
import { middleOf } from '#shared/contracts/positions.ts'
import type { DatasetDevice } from '#shared/dataset/devices.ts'
import { writeDataset } from '#shared/dataset/write.ts'
import { readKnown, readSegments, readSpeeds, type WindowSpeeds } from '../history/read.ts'
import { UserError } from '../user-error.ts'
import { findDeployed, type Place } from './beside.ts'
import type { Output } from './output.ts'
import { failureOf, type Reached } from './running.ts'

/** What `junction history export` is asked for. */
export interface HistoryExportOptions extends Place {
  out: string
  from?: Date
  until?: Date
  timezone?: string
}

/** A person who waits hears of it this often, ms. */
const SAY_MS = 2_000

/** Writes what a city has measured as a dataset, a device a segment; throws UserError where that is nothing. */
export const historyExport = async (options: HistoryExportOptions, output: Output): Promise<void> => {
  const deployed = await findDeployed(options)
  const timeZone = options.timezone ?? (await timeZoneOf(deployed, output))
  await deployed.withDatabase(async (sql) => {
    const known = await readKnown(sql)
    if (known === undefined) throw new UserError('the city has measured nothing yet: there is nothing to export')
    const { first, newest, stepMs } = known
    const from = new Date(Math.ceil(later(first, options.from).getTime() / stepMs) * stepMs)
    const until = new Date(Math.floor(earlier(newest, options.until).getTime() / stepMs) * stepMs)
    const features = await readSegments(sql)
    if (features.length === 0)
      throw new UserError('the city knows of no segment where it lies: load a network with "junction network load"')
    const segments = features.map(({ properties }) => properties.segment)
    const windows = readSpeeds(sql, segments, { from, until, stepMs })
    const begin = await windows.next()
    if (begin.done)
      throw new UserError(
        `no speed was measured in windows of ${stepMs / 1000} s from ${from.toISOString()} to ${until.toISOString()}; the city has states from ${first.toISOString()} to ${newest.toISOString()}`,
      )
    const start = begin.value.at
    const count = (until.getTime() - start.getTime()) / stepMs
    await writeDataset(options.out, {
      title: `Speeds of ${segments.length} segments`,
      origin: 'what the city measured, by "junction history export": a device stands for its segment',
      measure: 'speed',
      ...{ timeZone, start, stepMs },
      rows: rowsOf(begin.value, windows, (n) => output.note(`${n} of ${count} windows …`)),
      devices: features.map(deviceOf),
      network: { type: 'FeatureCollection', features },
    })
    output.data({ out: options.out, from: start, until, windows: count, segments: segments.length }, () => [
      `${options.out}: ${count} windows of ${stepMs / 1000} s from ${start.toISOString()} on, ${segments.length} segments and their road network`,
    ])
  })
}

const later = (a: Date, b: Date | undefined) => (b !== undefined && b > a ? b : a)
const earlier = (a: Date, b: Date | undefined) => (b !== undefined && b < a ? b : a)

/** The zone that the city's own days are in: what is usual at a time of day is learnt in it. */
const timeZoneOf = async ({ fetch }: Reached, output: Output): Promise<string> => {
  const unknown = (why: string) => new UserError(`the city does not tell its time zone, say it with --timezone: ${why}`)
  const response = await fetch('/function/city/api/settings').catch((error: Error) => {
    throw unknown(error.message)
  })
  if (!response.ok) throw unknown(await failureOf(response))
  const settings = PageSettings.safeParse(await response.json().catch(() => undefined))
  if (!settings.success) throw unknown('what answers there is not the city')
  if (settings.data.timeZone === null)
    output.note(
      'the city has no time zone (CITY_TIMEZONE): its days are those of UTC, unless --timezone says otherwise',
    )
  return settings.data.timeZone ?? 'UTC'
}

const deviceOf = ({ geometry, properties: { segment } }: NetworkFeature): DatasetDevice => {
  const [longitude, latitude] = middleOf(geometry).at
  return { id: segment, longitude, latitude }
}

async function* rowsOf(first: WindowSpeeds, others: AsyncIterable<WindowSpeeds>, say: (n: number) => void) {
  yield first.speeds
  let [n, said] = [1, Date.now()]
  for await (const { speeds } of others) {
    yield speeds
    n += 1
    if (Date.now() - said < SAY_MS) continue
    said = Date.now()
    say(n)
  }
}
