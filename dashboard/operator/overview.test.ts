import { describe, expect, it } from '@jest/globals'
import type { ConsumerStatus, FunctionStatus, RuntimeStatus } from '#shared/contracts/runtime-status.ts'
import type { SensorHealthPage } from '#shared/contracts/sensor-health.ts'
import { concernsOf, faultConcern, fewTroubles, spoken } from './overview.ts'

const consumer: ConsumerStatus = {
  consumer: 'detect-congestion',
  state: 'running',
  inFlight: 0,
  lag: 0,
  oldestAgeMs: 0,
  partitions: [],
  due: [],
}
const well: RuntimeStatus = {
  pid: 1,
  startedAt: '2024-05-06T08:00:00.000Z',
  clock: { kind: 'real', now: '2024-05-06T08:00:00.000Z', speed: 1 },
  bus: 'postgres',
  functions: [],
  topics: [],
  connector: { ready: true, consumers: [consumer] },
  deadLetters: [],
  alarms: [],
}
const withConsumer = (more: Partial<ConsumerStatus>): RuntimeStatus => ({
  ...well,
  connector: { ready: true, consumers: [{ ...consumer, ...more }] },
})
const sensors = (counts: Partial<SensorHealthPage['counts']>): SensorHealthPage => ({
  asOf: '2024-05-06T08:00:00.000Z',
  silentAfterMs: 900_000,
  counts: { ok: 96, silent: 0, malformed: 0, late: 0, ...counts },
  strangers: { refused24h: 0, lastRefusal: null },
  sensors: [],
})
const told = (...given: Parameters<typeof concernsOf>) =>
  concernsOf(...given).map(({ level, reason, what, section }) => `${level} ${section}: ${reason} – ${what}`)

describe('concernsOf', () => {
  it('has none while all is well, or nothing is known', () => {
    expect(told(well, sensors({}))).toEqual([])
    expect(told(undefined, undefined)).toEqual([])
  })

  it('tells why a consumer is stopped or paused, and what waits', () => {
    const error = 'permission denied for table window_reading'
    expect(told(withConsumer({ state: 'stop', error, forMs: 185_000, lag: 1204 }), undefined)).toEqual([
      'bad consumers: Permission denied for table window_reading – detect-congestion has been stopped for 3 min, 1,204 events wait',
    ])
    expect(told(withConsumer({ state: 'breaker', error: 'no answer', forMs: 40_000, lag: 1 }), undefined)).toEqual([
      'warn consumers: No answer – detect-congestion has been paused for 40 s, 1 event waits',
    ])
  })

  it('tells of forecasts once more than a few are not the model’s', () => {
    const made = (model: number, profile: number, persistence: number): RuntimeStatus => ({
      ...well,
      forecasts: {
        windowStart: '2024-05-06T07:55:00.000Z',
        segments: 100,
        sources: { model, profile, persistence },
        farthest: null,
      },
    })
    expect(told(made(95, 4, 1), undefined)).toEqual([])
    expect(told(made(94, 4, 2), undefined)).toEqual([
      'warn forecasts: 6 of 100 forecasts not from the model – 4 from what is usual, 2 from the newest speed',
    ])
  })

  it('lets a consumer be busy for a minute before it is behind', () => {
    expect(told(withConsumer({ lag: 9, oldestAgeMs: 59_999 }), undefined)).toEqual([])
    expect(told(withConsumer({ lag: 9, oldestAgeMs: 60_000 }), undefined)).toEqual([
      'warn consumers: 9 events wait – detect-congestion is 1 min behind',
    ])
  })

  it('puts what is stopped before crashes, dead letters and sensors', () => {
    const functions = [{ name: 'city', crashesInRow: 3 } as FunctionStatus]
    const deadLetters = [{ consumer: 'twins', open: 2, oldest: well.startedAt }]
    const status = { ...well, functions, deadLetters, connector: { ready: false, error: 'no database', consumers: [] } }
    expect(told(status, sensors({ silent: 6 }))).toEqual([
      'bad consumers: No database – nothing is delivered',
      'warn functions: 3 crashes in a row – city has not answered since',
      'warn dead-letters: 2 dead letters – twins could not take them',
      'warn sensors: 6 sensors are silent – 96 are well',
    ])
  })

  it('names few faulty sensors without calling for a hand, and many with', () => {
    expect(told(well, sensors({ ok: 95, silent: 5 }))).toEqual([])
    expect(fewTroubles(sensors({ ok: 95, silent: 5, late: 1 }))).toBe('5 sensors are silent, 1 sensor sends late')
    expect(told(well, sensors({ ok: 94, silent: 5 }))).toEqual(['warn sensors: 5 sensors are silent – 94 are well'])
    expect(told(well, sensors({ ok: 0, malformed: 1 }))).toEqual([
      'warn sensors: 1 sensor sends malformed readings – none is well',
    ])
  })

  it('keeps the key of a concern while its numbers change', () => {
    const keys = (lag: number) =>
      concernsOf(withConsumer({ lag, oldestAgeMs: 90_000 }), undefined).map(({ key }) => key)
    expect(keys(9)).toEqual(keys(10))
  })
})

describe('faultConcern', () => {
  it('says from when is what is shown', () => {
    expect(faultConcern('down', '08:15:20').what).toBe('what is shown is from 08:15:20')
    expect(faultConcern('down', undefined).what).toBe('nothing can be shown')
  })
})

describe('spoken', () => {
  it('says how much needs a hand, and no number that changes all the time', () => {
    expect(spoken([])).toBe('All well')
    expect(spoken(concernsOf(withConsumer({ lag: 9, oldestAgeMs: 90_000 }), undefined))).toBe('1 thing needs a hand')
  })
})
