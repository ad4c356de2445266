import { describe, expect, it } from '@jest/globals'
import { quantities } from '#shared/contracts/quantities.ts'
import { openSimulatedCity } from '../simulated-city.ts'
import { weatherAt } from '../weather.ts'
import { sunHeight } from './lights.ts'

const HOUR = 3_600_000
const MONDAY = Date.parse('2026-03-02T00:00:00Z')
const city = openSimulatedCity(7)
const hours = Array.from({ length: 24 }, (_, n) => MONDAY + n * HOUR)
const measured = (device: string, name: string, at: number): number =>
  city.measured(at, HOUR / 12).find((reading) => reading.device === device)?.measures[name] ?? Number.NaN
const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length

describe('the devices of the town', () => {
  it('measure only what the quantities allow, but for the one that overflows', () => {
    const impossible = hours
      .flatMap((at) => city.measured(at, HOUR / 12))
      .flatMap(({ device, measures }) => Object.entries(measures).map(([name, value]) => ({ device, name, value })))
      .filter(({ name, value }) => {
        const { min = 1, max = 0 } = quantities.get(name) ?? {}
        return !(value >= min && value <= max)
      })
    expect(new Set(impossible.map(({ device }) => device)).size).toBeLessThanOrEqual(1)
    expect(impossible.every(({ value }) => value === 65_535)).toBe(true)
  })

  it('find more nitrogen dioxide by the bridge than on the hill, and at a rush hour than at night', () => {
    const no2 = (device: string) => hours.map((at) => measured(device, 'no2', at))
    expect(mean(no2('air-old-bridge'))).toBeGreaterThan(1.5 * mean(no2('air-hill')))
    expect(no2('air-old-bridge')[7]).toBeGreaterThan(1.5 * (no2('air-old-bridge')[2] ?? 0))
  })

  it('light the streets from dusk to dawn, dimmed while the town sleeps', () => {
    const [noon = 0, evening = 0, night = 0] = [12, 19, 1].map((n) =>
      measured('lights-market', 'power', MONDAY + n * HOUR),
    )
    expect(noon).toBeLessThan(20)
    expect(evening).toBeGreaterThan(1000)
    expect(night / evening).toBeCloseTo(0.55, 1)
  })
})

describe('sunHeight', () => {
  it('stands where an almanac has it', () => {
    expect(sunHeight(Date.parse('2026-06-21T10:53:00Z'))).toBeCloseTo(65.2, 0)
    expect(sunHeight(Date.parse('2026-12-21T10:53:00Z'))).toBeCloseTo(18.3, 0)
    expect(sunHeight(Date.parse('2026-03-20T22:53:00Z'))).toBeLessThan(-38)
  })
})

describe('weatherAt', () => {
  it('is warmer in summer, rains on some days and is dry on most', () => {
    const days = Array.from({ length: 365 }, (_, n) => MONDAY + n * 24 * HOUR)
    const noons = days.map((day) => weatherAt(7, day + 12 * HOUR))
    const [march, july] = [noons.slice(0, 30), noons.slice(122, 152)].map((some) =>
      mean(some.map((w) => w.temperature)),
    )
    expect((july ?? 0) - (march ?? 0)).toBeGreaterThan(8)
    const wet = days.filter((day) => hours.some((at) => weatherAt(7, day + at - MONDAY).rain > 0)).length
    expect(wet).toBeGreaterThan(70)
    expect(wet).toBeLessThan(150)
    expect(Math.max(...noons.map(({ rain }) => rain))).toBeLessThanOrEqual(4)
  })
})
