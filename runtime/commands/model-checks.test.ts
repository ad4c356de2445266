import { describe, expect, it } from '@jest/globals'
import type { CityDay } from '#models/traffic/city-day.ts'
import type { Model } from '#models/traffic/model.ts'
import type { Tried } from '#models/traffic/trial.ts'
import type { Sql } from '#shared/state/sql.ts'
import { fakeModel } from '#test/forecasts/model.ts'
import { literalModel } from '#test/models/literal.ts'
import { compare } from './model-checks.ts'
import type { Output } from './output.ts'

const START = Date.parse('2026-03-02T00:00:00Z')
const STEP_MS = 300_000
const HOUR = 12
const ROWS = 24 * HOUR

/** A day on which each segment gets a km/h faster with each window: what the fake model says. */
const cityOf = (sensors: string[]): CityDay => ({
  segments: sensors,
  grid: {
    ...{ sensors, start: START, stepMs: STEP_MS, rows: ROWS },
    values: Float32Array.from({ length: ROWS * sensors.length }, (_, at) => 20 + Math.floor(at / sensors.length)),
  },
})
const { validation } = JSON.parse(literalModel({ segments: ['a'] }).sidecar)
const knows = (segments: string[], untilRow = 0, unit = 'KMH'): Tried => {
  const training = { until: new Date(START + untilRow * STEP_MS).toISOString() } as Model['sidecar']['training']
  const sensors = segments.map((id) => ({ id, usual: 50 }))
  return { model: fakeModel(sensors, unit, { training, validation }).model, files: literalModel({ segments }), kmh: 1 }
}

/** Holds one model against another, which serves; tells what is noted, and which was released. */
const held = async (tried: Tried, served: Tried, city: CityDay) => {
  const notes: string[] = []
  let released = 0
  const sql = { query: async () => ({ rows: [served.files] }) } as unknown as Sql
  const output = { note: (line: string) => void notes.push(line) } as unknown as Output
  const release = async () => {
    released += 1
  }
  const open = async () => ({ ...served.model, release })
  const outcome = await compare(sql, tried, 'f'.repeat(64), city, output, open).catch((error: Error) => error.message)
  return { outcome, released, said: notes.join('\n') }
}

describe('the comparison with the model in service', () => {
  it('refuses one that is as good but knows fewer segments', async () => {
    const { outcome, released } = await held(knows(['b']), knows(['a', 'b']), cityOf(['a', 'b']))
    expect(outcome).toMatch(/^on the last day it is off by 3\.\d+ km\/h, and f+, which serves, by 0\.000$/)
    expect(released).toBe(1)
    expect((await held(knows(['a', 'b']), knows(['a', 'b']), cityOf(['a', 'b']))).outcome).toMatchObject({ stride: 1 })
  })

  it('goes by the day it was chosen on where it has seen all but a few hours of the last', async () => {
    const seen = await held(knows(['a'], 20 * HOUR), knows(['a']), cityOf(['a']))
    expect(seen).toMatchObject({ outcome: undefined, released: 1 })
    expect(seen.said).toContain('too little of a day to compare on')
    const half = await held(knows(['a'], 12 * HOUR), knows(['a']), cityOf(['a']))
    expect(half.outcome).toMatchObject({ windows: 12 * HOUR - 3 })
    expect(half.said).toContain('without the times it was trained on')
  })

  it('is made in a large city, too', async () => {
    const many = Array.from({ length: 3500 }, (_, at) => `s${at}`)
    const { outcome } = await held(knows(['s7']), knows(['s7']), cityOf(many))
    expect(outcome).toMatchObject({ stride: 6 })
  })

  it('is made with none that tells no speed, whose memory is given back', async () => {
    const { outcome, released } = await held(knows(['a']), knows(['a'], 0, 'CEL'), cityOf(['a']))
    expect(outcome).toMatchObject({ model: [0, 0, 0, 0, 0] })
    expect(outcome).not.toHaveProperty('served')
    expect(released).toBe(1)
  })
})
