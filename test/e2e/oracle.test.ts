import { describe, expect, it } from '@jest/globals'
import { expectedStates, lateReadings, type OracleReading } from './oracle.ts'

const at = (time: string, speed: number, more: Partial<OracleReading> = {}): OracleReading => ({
  device: 'd',
  observedAt: `2026-03-02T${time}.000Z`,
  receivedAt: `2026-03-02T${time}.000Z`,
  speed,
  ...more,
})
const settings = { cityNow: Date.parse('2026-03-02T12:00:00Z'), windowMs: 300_000, lateAfterMs: 900_000 }
const road = [{ segment: 's', devices: ['d', 'e'], freeFlowKmh: 100 }]
const states = (readings: OracleReading[]) =>
  expectedStates(readings, road, settings).map((s) => [
    s.windowStart.slice(11, 16),
    s.n,
    s.level,
    s.speedKmh,
    s.confidence,
  ])

describe('the oracle', () => {
  it('works out by rule what was worked out by hand', () => {
    // 10 vehicles at 50 and 30 at 100 km/h: 40 / (10/50 + 30/100) = 80.
    const mixed = [at('06:00:00', 50, { count: 10 }), at('06:04:59', 100, { device: 'e', count: 30 })]
    const jam = ['06:05:00', '06:10:00', '06:15:00'].map((time) => at(time, 20))
    expect(states([...mixed, ...jam])).toEqual([
      ['06:00', 2, 'heavy', 80, 0.9],
      ['06:05', 1, 'slow', 20, 0.7],
      ['06:10', 1, 'stationary', 20, 0.7],
      ['06:15', 1, 'stationary', 20, 0.7],
      ['06:20', 0, 'unknown', null, 0],
    ])
  })

  it('keeps the higher seq, then the greater value, and leaves late readings out', () => {
    const late = at('06:00:01', 10, { receivedAt: '2026-03-02T06:15:01.001Z' })
    const rivals = [
      at('06:00:00', 90, { seq: 2 }),
      at('06:00:00', 95, { seq: 1 }),
      at('06:00:00', 70, { seq: 2 }),
      late,
    ]
    expect(states(rivals)[0]).toEqual(['06:00', 1, 'free', 90, 0.7])
    expect(lateReadings(rivals, 900_000)).toEqual([late])
  })

  it('takes a value that no road can show for none', () => {
    expect(states([at('06:00:00', 65_535, { count: 3 })])[0]).toEqual(['06:00', 1, 'unknown', null, 0])
    expect(states([at('06:00:00', 65_535)])).toEqual([])
  })
})
