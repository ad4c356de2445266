import { createHash } from 'node:crypto'
import { describe, expect, it } from '@jest/globals'
import { accept } from '#shared/contracts/accept.ts'
import { Network } from '#shared/contracts/network.ts'
import type { RawReading } from '#shared/dataset/dataset.ts'
import { arrivals, cityNetwork, openSimulatedCity, PROBE_SEGMENT } from './simulated-city.ts'

const MINUTE = 60_000
const HALF_MINUTE = 30_000
const MONDAY = Date.parse('2026-03-02T00:00:00Z')
const city = openSimulatedCity(7)

const hashOf = (seed: number) => {
  const own = openSimulatedCity(seed)
  const hash = createHash('sha256')
  for (let at = MONDAY + 5 * 60 * MINUTE; at < MONDAY + 7 * 60 * MINUTE; at += HALF_MINUTE)
    hash.update(JSON.stringify(own.arriving(at, HALF_MINUTE)))
  return hash.digest('hex')
}
const loops = (readings: RawReading[]) => readings.filter(({ device }) => device.startsWith('loop-'))
const speedOf = ({ measures: { speed = Number.NaN }, units }: RawReading) =>
  units === undefined ? speed : speed * 1.609344
/** Everything that arrives on Monday, with the instant it arrives at. */
const monday = Array.from({ length: 2880 }, (_, n) => MONDAY + (n + 1) * HALF_MINUTE).flatMap((at) =>
  (city.arriving(at, HALF_MINUTE) as RawReading[]).map((reading) => ({ at, reading })),
)
const isAccepted = (reading: unknown, at: number): boolean => {
  const acceptance = {
    receivedAt: new Date(at).toISOString(),
    acceptPastMs: 1e12,
    acceptFutureMs: 0,
    ifTooOld: '',
    speaksFor: () => true,
  }
  return 'reading' in accept(reading, { now: at, ...acceptance, historical: false })
}

/** What `ingest` would refuse of a morning. */
const refused = monday.filter(
  ({ at, reading }) => at > MONDAY + 5 * 60 * MINUTE && at < MONDAY + 9 * 60 * MINUTE && !isAccepted(reading, at),
)

describe('the network of the simulated city', () => {
  const { features } = Network.parse(cityNetwork())
  const byName = new Map(features.map(({ properties }) => [properties.segment, properties]))

  it('keeps the contract, with names, mutual neighbours and a device on each road', () => {
    expect(features).toHaveLength(74)
    for (const { properties } of features) {
      expect(properties.name).toMatch(/^\p{Lu}/u)
      expect(properties.devices.length).toBeGreaterThan(0)
      for (const other of properties.neighbours ?? [])
        expect(byName.get(other)?.neighbours).toContain(properties.segment)
    }
    expect(byName.has(PROBE_SEGMENT)).toBe(true)
  })

  it('is one town: every road leads to every other', () => {
    const seen = new Set([PROBE_SEGMENT])
    for (const segment of seen) for (const next of byName.get(segment)?.neighbours ?? []) seen.add(next)
    expect(seen.size).toBe(features.length)
  })
})

describe('the readings of the simulated city', () => {
  it('are the same for the same seed, and others for another', () => {
    expect(hashOf(7)).toBe(hashOf(7))
    expect(hashOf(8)).not.toBe(hashOf(7))
  })

  it('depend on the instant alone, wherever the feed begins', async () => {
    for await (const step of arrivals(openSimulatedCity(7), HALF_MINUTE, new Date(MONDAY + 7 * 60 * MINUTE))) {
      expect(step.readings).toEqual(city.arriving(step.at.getTime(), HALF_MINUTE))
      break
    }
  })

  it('add up: what a loop counts in 5 minutes is what it counts in ten times 30 seconds', () => {
    const end = MONDAY + 8 * 60 * MINUTE
    const counts = (periodMs: number, ends: number[]) => {
      const sums = new Map<string, number>()
      for (const at of ends)
        for (const { device, measures } of loops(city.measured(at, periodMs)))
          sums.set(device, (sums.get(device) ?? 0) + (measures.count ?? 0))
      return sums
    }
    const tenths = Array.from({ length: 10 }, (_, n) => end - n * HALF_MINUTE)
    expect(counts(HALF_MINUTE, tenths)).toEqual(counts(5 * MINUTE, [end]))
  })

  it('know a rush hour, a night and a Sunday', () => {
    const slow = (from: number) => {
      const { features } = cityNetwork()
      const free = new Map(features.flatMap(({ properties: p }) => p.devices.map((d) => [d, p.freeFlowKmh ?? 0])))
      const readings = [0, 5, 10, 15].flatMap((n) => loops(city.measured(from + n * MINUTE, 5 * MINUTE)))
      return readings.filter((r) => speedOf(r) < 0.9 * (free.get(r.device) ?? 0)).length / readings.length
    }
    const hour = 60 * MINUTE
    expect(slow(MONDAY + 16.5 * hour)).toBeGreaterThan(0.1)
    expect(slow(MONDAY + 2 * hour)).toBeLessThan(0.02)
    expect(slow(MONDAY - 24 * hour + 7 * hour)).toBeLessThan(0.05)
  })

  it('see a vehicle on nearly every road in every window of the night', () => {
    const night = [0, 5, 10, 15, 20, 25].flatMap((n) =>
      loops(city.measured(MONDAY + 120 * MINUTE + n * MINUTE, 5 * MINUTE)),
    )
    const blind = night.filter(({ measures }) => measures.speed === undefined)
    expect(blind.length / night.length).toBeLessThan(0.05)
  })
})

describe('what arrives from the devices', () => {
  it('is refused from one device that is garbled, and accepted from all others', () => {
    expect(refused.length).toBeGreaterThan(5)
    expect(new Set(refused.map(({ reading }) => reading.device)).size).toBe(1)
    const kinds = refused.map(({ reading: { measures, units, observedAt } }) =>
      typeof measures.speed === 'string'
        ? 'text'
        : units !== undefined
          ? 'unit'
          : observedAt.endsWith('Z')
            ? ''
            : 'zone',
    )
    expect(new Set(kinds)).toEqual(new Set(['text', 'unit', 'zone']))
  })

  it('comes late, repeated and out of order as it does in a real city, and fewer than 5 % of the devices are in trouble', () => {
    const lag = ({ at, reading }: (typeof monday)[number]) => at - Date.parse(reading.observedAt)
    const troubled = (which: (one: (typeof monday)[number]) => boolean) =>
      new Set(monday.filter(which).map(({ reading }) => reading.device))
    const late = troubled((one) => lag(one) > 15 * MINUTE)
    const wild = troubled(({ reading }) => (reading.measures.speed ?? 0) > 500)
    const garbled = new Set(refused.map(({ reading }) => reading.device))
    const heard = new Map<string, number>()
    const silent = new Set<string>()
    for (const { at, reading } of monday) {
      if (at - (heard.get(reading.device) ?? at) > 90 * MINUTE) silent.add(reading.device)
      heard.set(reading.device, at)
    }
    expect([late.size, wild.size, garbled.size, silent.size]).toEqual([1, 1, 1, 2])
    expect(new Set([...late, ...wild, ...garbled, ...silent]).size).toBeLessThan(0.05 * city.devices.length)

    const ids = monday.map(({ reading }) => `${reading.device} ${reading.observedAt}`)
    expect(ids.length - new Set(ids).size).toBeGreaterThan(500)
    expect(troubled(({ reading }) => reading.units?.speed === 'HM').size).toBe(1)
  })
})
