import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { uniform } from '#demo/random.ts'
import type { DatasetDescription } from '#shared/dataset/description.ts'

const DAY_MS = 86_400_000
const MINUTE_MS = 60_000
/** Late by up to so much, each reading on its own: less than half of any step that is exported. */
const JITTER_MS = 2 * MINUTE_MS
/** Shortest to longest gap of a sensor, in rows: a value, an hour or so, half a day. */
const GAPS = [1, 1, 2, 3, 6, 12, 72]

/** What is taken out of a dataset. */
export interface Damage {
  seed: number
  /** Share of the values that goes in gaps of many lengths, 0..1. */
  share: number
  /** Days that are lost whole, counted from the first. */
  days: readonly number[]
  /** This device has been measuring since this instant, ms, and not before. */
  newcomer: { device: string; since: number }
}

/** What is left of a series. */
export interface Damaged {
  values: number
  /** Share of the values of the other days that is lost in gaps, 0..1. */
  inGaps: number
}

/**
 * Rewrites the values of an exported dataset as a city might have them: in long form, at uneven times, without road network,
 * with gaps, lost days and a device that is new.
 */
export const damage = (folder: string, { seed, share, days, newcomer }: Damage): Damaged => {
  const about = JSON.parse(readFileSync(join(folder, 'dataset.json'), 'utf8')) as DatasetDescription
  if (about.values.form !== 'wide' || !('start' in about.values)) throw new Error(`${folder} is no export`)
  const { file, start, step, timeZone } = about.values
  const stepMs = Number(/^PT(\d+)M$/.exec(step)?.[1]) * MINUTE_MS
  const [devices = [], ...rows] = readFileSync(join(folder, file), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => line.split(','))
  if (!devices.includes(newcomer.device)) throw new Error(`${folder} has no device ${newcomer.device}`)
  const isLost = devices.map((_, device) => gaps(rows.length, share, seed, device))
  const left: { at: number; line: string }[] = []
  const of = { values: 0, inGaps: 0 }
  for (const [n, row] of rows.entries()) {
    const from = Date.parse(start) + n * stepMs
    const isLostDay = days.includes(Math.floor((n * stepMs) / DAY_MS))
    for (const [device, name] of devices.entries()) {
      const value = row[device] ?? ''
      if (value === '' || isLostDay) continue
      of.values += 1
      of.inGaps += isLost[device]?.[n] ?? 0
      if (isLost[device]?.[n] || (name === newcomer.device && from < newcomer.since)) continue
      const at = from + Math.floor(uniform(seed, n, device, 2) * (JITTER_MS / 1000)) * 1000
      left.push({ at, line: `${new Date(at).toISOString()},${name},${value}` })
    }
  }
  left.sort((a, b) => a.at - b.at)
  writeFileSync(join(folder, file), `at,device,value\n${left.map(({ line }) => line).join('\n')}\n`)
  const { network: _, ...rest } = about
  const columns = { time: 'at', device: 'device', value: 'value' }
  const rewritten: DatasetDescription = { ...rest, values: { file, form: 'long', timeZone, ...columns } }
  writeFileSync(join(folder, 'dataset.json'), `${JSON.stringify(rewritten, undefined, 2)}\n`)
  return { values: left.length, inGaps: of.inGaps / of.values }
}

/** Marks so large a share of the rows, in gaps of many lengths. */
const gaps = (rows: number, share: number, seed: number, device: number): Uint8Array => {
  const lost = new Uint8Array(rows)
  const draw = (gap: number, of: number) => uniform(seed, device, gap, of)
  for (let gap = 0, sum = 0; sum < share * rows; gap += 1) {
    const length = GAPS[Math.floor(draw(gap, 0) * GAPS.length)] as number
    const from = Math.floor(draw(gap, 1) * rows)
    lost.fill(1, from, from + length)
    sum += length
  }
  return lost
}
