import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { layOutTown } from '../town.ts'
import { type Cells, JAM_DENSITY, type Link, layCells } from './cells.ts'
import { emptyTraffic, openModel, type Rules, type Traffic } from './model.ts'
import { turnShares } from './routes.ts'

const ROAD: Link = { from: 0, to: 1, km: 4, lanes: 1, freeKmh: 60, laneCapacity: 1800, green: 1 }
/** At capacity 22 % of the free speed are lost: 1800 vehicles an hour at 46.8 km/h. */
const CRITICAL = 1800 / 46.8
const WAVE = 1800 / (JAM_DENSITY - CRITICAL)
/** The diagram itself: vehicles an hour at a density. */
const flowAt = (density: number) =>
  density < CRITICAL ? 60 * density * (1 - (0.22 * density) / CRITICAL) : WAVE * (JAM_DENSITY - density)
/** Its rising side the other way round. */
const densityAt = (flow: number) => ((1 - Math.sqrt(1 - (0.88 * flow) / (60 * CRITICAL))) * CRITICAL) / 0.44

/** A road from a junction where vehicles set out to one where they all arrive. */
const corridor = (green = 1) => layCells([{ ...ROAD, green }], 2, 5)
const rules = (cells: Cells, vehiclesAnHour = 0): Rules => ({
  departures: Float64Array.of((vehiclesAnHour * cells.stepSeconds) / 3600, 0),
  turns: [Float64Array.of(1, 0), Float64Array.of(1, 1)],
  capacityShare: new Float64Array(cells.km.length).fill(1),
  speedShare: 1,
})
const sum = (values: Float64Array) => values.reduce((a, b) => a + b, 0)
const hourly = (cells: Cells, vehicles: number) => (vehicles * 3600) / cells.stepSeconds

describe('a road of cells', () => {
  it('lies on its fundamental diagram at every density', () => {
    const cells = corridor()
    const middle = 20
    for (let density = 0; density <= JAM_DENSITY; density += 5) {
      const traffic = emptyTraffic(cells)
      for (const [c, km] of cells.km.entries()) traffic.vehicles[c] = density * km
      openModel(cells)(traffic, rules(cells))
      expect(hourly(cells, traffic.flow[middle] ?? 0)).toBeCloseTo(flowAt(density), 6)
    }
    expect(flowAt(CRITICAL)).toBeCloseTo(ROAD.laneCapacity, 6)
  })

  it('lets vehicles drive at the speed of their density, which is the free one where they are few', () => {
    for (const [flow, kmh] of [
      [6, 59.9],
      [1200, 52.1],
    ] as const) {
      const cells = corridor()
      const traffic = emptyTraffic(cells)
      const move = openModel(cells)
      for (let step = 0; step < 1200; step += 1) move(traffic, rules(cells, flow))
      expect(flow / densityAt(flow)).toBeCloseTo(kmh, 0)
      expect(sum(traffic.vehicles)).toBeCloseTo(ROAD.km * densityAt(flow), 3)
    }
  })
})

/** A road in steady flow: how far upstream of its end the queue reaches, in km, minute by minute. */
const queueTails = (cells: Cells, inflow: number, halfway: number) => {
  const traffic = emptyTraffic(cells)
  for (const [c, km] of cells.km.entries()) traffic.vehicles[c] = densityAt(inflow) * km
  const move = openModel(cells)
  const tails: number[] = []
  for (let step = 0; step < (16 * 60) / cells.stepSeconds; step += 1) {
    move(traffic, rules(cells, inflow))
    if (((step + 1) * cells.stepSeconds) % 60 === 0) tails.push(tailOf(cells, traffic, halfway))
  }
  return tails
}
const tailOf = ({ km }: Cells, { vehicles }: Traffic, halfway: number) => {
  let tail = 0
  for (let c = km.length - 1; c >= 0 && (vehicles[c] ?? 0) / (km[c] ?? 1) > halfway; c -= 1) tail += km[c] ?? 0
  return tail
}

describe('a bottleneck', () => {
  const inflow = 1500
  const outflow = 0.5 * ROAD.laneCapacity
  const before = densityAt(inflow)
  const queue = JAM_DENSITY - outflow / WAVE
  const shockKmh = (inflow - outflow) / (queue - before)

  it('makes a queue that grows upstream at the speed of the shock (Rankine-Hugoniot)', () => {
    const cells = corridor(0.5)
    for (const [i, tail] of queueTails(cells, inflow, (before + queue) / 2).entries()) {
      const expected = ((i + 1) / 60) * shockKmh
      expect(Math.abs(tail - expected)).toBeLessThanOrEqual(1.5 * (cells.km[0] ?? 0))
    }
  })

  it('control: where no cell minds how full the next one is, the queue stands on one spot', () => {
    const cells = corridor(0.5)
    cells.jam.fill(Number.MAX_SAFE_INTEGER)
    const tails = queueTails(cells, inflow, (before + queue) / 2)
    expect(tails.at(-1)).toBeLessThanOrEqual(cells.km[0] ?? 0)
    expect((16 / 60) * shockKmh).toBeGreaterThan(10 * (cells.km[0] ?? 0))
  })

  it('lets no more than its capacity pass, and loses nobody who cannot enter the road', () => {
    const cells = corridor(0.25)
    const traffic = emptyTraffic(cells)
    const move = openModel(cells)
    for (let step = 0; step < 3 * 720; step += 1) {
      move(traffic, rules(cells, 1700))
      expect(hourly(cells, traffic.flow[cells.km.length - 1] ?? 0)).toBeLessThanOrEqual(450 + 1e-6)
    }
    expect(sum(traffic.waiting)).toBeGreaterThan(3000)
    expect(traffic.entered).toBeCloseTo(3 * 1700, 6)
    expect(traffic.left + sum(traffic.vehicles) + sum(traffic.waiting)).toBeCloseTo(traffic.entered, 6)
  })
})

describe('the roads of the town', () => {
  const { cells, loads } = layOutTown().traffic

  it('lose and make no vehicle and fill no cell beyond its jam, whatever the demand, the rain and the incidents', () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true })
    fc.assert(
      fc.property(
        fc.record({ morning: share, evening: share, other: share, rush: fc.double({ min: 0, max: 3, noNaN: true }) }),
        share,
        fc.integer({ min: 0, max: cells.km.length - 1 }),
        ({ rush, ...weights }, wet, blocked) => {
          const weighted = (['morning', 'evening', 'other'] as const).map((kind) => ({
            load: loads[kind],
            weight: weights[kind] + 0.01,
          }))
          const departures = Float64Array.from(cells.junctions, (_, j) =>
            weighted.reduce((n, { load, weight }) => n + (rush * weight * (load.departures[j] ?? 0)) / 600, 0),
          )
          const capacityShare = new Float64Array(cells.km.length).fill(1 - 0.2 * wet)
          capacityShare[blocked] = 0
          const turns = turnShares(weighted, cells, () => 0)
          const traffic = emptyTraffic(cells)
          const move = openModel(cells)
          for (let step = 0; step < 400; step += 1)
            move(traffic, { departures, turns, capacityShare, speedShare: 1 - 0.2 * wet })
          const inside = sum(traffic.vehicles) + sum(traffic.waiting)
          expect(Math.abs(traffic.entered - traffic.left - inside)).toBeLessThan(1e-9 * (1 + traffic.entered))
          for (const [c, n] of traffic.vehicles.entries()) {
            expect(n >= -1e-9 && n <= (cells.jam[c] ?? 0) + 1e-9).toBe(true)
            expect((traffic.flow[c] ?? 0) <= (cells.capacity[c] ?? 0) * (capacityShare[c] ?? 0) + 1e-9).toBe(true)
          }
        },
      ),
      { numRuns: 12 },
    )
  })
})
