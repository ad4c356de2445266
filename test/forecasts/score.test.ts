import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { scoreForecasts } from '#functions/predict-traffic/score.ts'
import { transaction } from '#shared/state/transaction.ts'
import { at, forecastCity, hour, type Measured } from './city.ts'
import { fakeModel } from './model.ts'

describe('the score of forecasts', () => {
  let city: Awaited<ReturnType<typeof forecastCity>>
  beforeEach(async () => {
    city = await forecastCity(
      fakeModel([
        { id: 'a', usual: 60 },
        { id: 'b', usual: 70 },
      ]).model,
    )
    await city.segments('a', 'b', 'c')
  })
  afterEach(() => city.test.drop())

  const scores = async () => {
    const { rows } = await city.database.query<{ hour: Date } & Record<Exclude<string, 'hour'>, unknown>>(
      'select * from forecast_score order by hour, minutes, source',
    )
    return rows.map(({ hour, ...row }): Record<string, unknown> => ({ hour: hour.toISOString().slice(11, 16), ...row }))
  }
  const columns = async (...names: string[]) => (await scores()).map((row) => names.map((name) => row[name]))

  /**
   * From 07:55 `a` is expected to run at 53, 56, 59 and 62 km/h, `b` at its usual 70, `c` at the 30 it had. States lag
   * behind the clock, or there are some of later windows.
   */
  const forecast = async (isBehind = false) => {
    await city.measure(...hour('a', '07:55', 50), ...hour('c', '07:55', 30))
    await city.tick('08:01')
    if (!isBehind) await city.measure(...['a', 'b', 'c'].map((segment): Measured => [segment, '12:00', null]))
  }

  it('counts a point once its window can change no more, in one unit with the tick that finds it', async () => {
    await forecast()
    await city.measure(['a', '08:10', 51], ['b', '08:10', 74], ['c', '08:10', 30])
    // The window of 08:10 ends at 08:15 and is closed LATE_AFTER, 15 minutes, later.
    await city.tick('08:29')
    expect(await scores()).toEqual([])
    await city.tick('08:30')
    expect(await scores()).toEqual([
      {
        ...{
          hour: '08:00',
          minutes: 15,
          source: 'model',
          n: 1,
          absolute: 2,
          squared: 4,
          banded: 1,
          covered: 1,
          width: 10,
        },
        ...{ persistence_n: 1, persistence_absolute: 1, persistence_squared: 1 },
        ...{ profile_n: 1, profile_absolute: 9, profile_squared: 81 },
      },
      {
        ...{ hour: '08:00', minutes: 15, source: 'persistence', n: 1, absolute: 0, squared: 0 },
        ...{ banded: 0, covered: 0, width: 0, persistence_n: 1, persistence_absolute: 0, persistence_squared: 0 },
        ...{ profile_n: 0, profile_absolute: 0, profile_squared: 0 },
      },
      {
        ...{ hour: '08:00', minutes: 15, source: 'profile', n: 1, absolute: 4, squared: 16 },
        ...{ banded: 0, covered: 0, width: 0, persistence_n: 0, persistence_absolute: 0, persistence_squared: 0 },
        ...{ profile_n: 1, profile_absolute: 4, profile_squared: 16 },
      },
    ])
    const once = await scores()
    await city.tick('08:31')
    expect(await scores()).toEqual(once)
  })

  it('waits where the states lag behind, so that a window that is still filling counts for none', async () => {
    await forecast(true)
    await city.measure(['a', '08:10', 59])
    await city.tick('08:41')
    expect(await scores()).toEqual([])
    await city.measure(['a', '08:10', 51], ['a', '08:15', null])
    await city.tick('08:42')
    expect(await columns('minutes', 'n', 'absolute')).toEqual([[15, 1, 2]])
  })

  it('waits for a state of a silent road a day at most', async () => {
    await forecast(true)
    await city.measure(['a', '08:10', 51])
    await city.tick('2026-03-03T08:09:59.000Z')
    expect(await scores()).toEqual([])
    await city.tick('2026-03-03T08:11:00.000Z')
    expect(await columns('minutes', 'source', 'absolute')).toEqual([[15, 'model', 2]])
    const { rows } = await city.database.query('select distinct scored from forecast where "window" < $1', [
      '2026-03-02T12:00Z',
    ])
    expect(rows).toEqual([{ scored: 1 }])
  })

  it('takes the speed that a late reading left, not the one of before', async () => {
    await forecast()
    await city.measure(['a', '08:10', 51])
    await city.tick('08:29')
    await city.measure(['a', '08:10', 59])
    await city.tick('08:30')
    expect(await scores()).toMatchObject([{ source: 'model', absolute: 6, squared: 36, covered: 0 }])
  })

  it('adds up what falls in one hour, and leaves out windows without a speed', async () => {
    await forecast()
    await city.measure(['a', '08:00', 50], ['a', '08:10', 51], ['a', '08:15', null], ['a', '08:25', 50])
    // From 08:00, 50 km/h once more: 53 for 08:15, which nobody measured, and 56 for 08:30.
    await city.tick('08:06')
    await city.measure(['a', '08:30', 50], ['b', '08:10', 70], ['b', '08:15', 72], ['b', '08:25', 70])
    await city.tick('08:50')
    expect(await columns('minutes', 'source', 'n', 'absolute', 'squared')).toEqual([
      [15, 'model', 1, 2, 4],
      [15, 'profile', 2, 2, 4],
      [30, 'model', 2, 12, 72],
      [30, 'profile', 1, 0, 0],
    ])
  })

  it('catches up after a rest with every point, once', async () => {
    await forecast()
    await city.measure(['a', '08:10', 51], ['a', '08:25', 51], ['a', '08:40', 51], ['a', '08:55', 51])
    await city.tick('2026-03-02T23:01:00.000Z')
    expect(await columns('hour', 'minutes', 'n', 'absolute')).toEqual([
      ['08:00', 15, 1, 2],
      ['08:00', 30, 1, 5],
      ['08:00', 45, 1, 8],
      ['08:00', 60, 1, 11],
    ])
    const { rows } = await city.database.query('select distinct scored from forecast where "window" < $1', [
      '2026-03-02T12:00Z',
    ])
    expect(rows).toEqual([{ scored: 4 }])
  })

  it('is counted once by two units at once', async () => {
    await forecast()
    await city.measure(['a', '08:10', 51])
    const now = new Date(at('08:30'))
    const settings = { windowMs: 300_000, lateAfterMs: 900_000 }
    let second: Promise<void> | undefined
    await transaction(city.database, async (sql) => {
      await scoreForecasts(sql, now, settings)
      second = transaction(city.database, async (sql) => {
        await scoreForecasts(sql, now, settings)
      })
      await untilOneWaits()
    })
    await second
    expect(await columns('minutes', 'source', 'n')).toEqual([[15, 'model', 1]])
  })

  const untilOneWaits = async () => {
    for (let n = 0; n < 500; n++) {
      const { rows } = await city.database.query(
        `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
      )
      if (rows.length > 0) return
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    throw new Error('nobody waits')
  }

  it('stands in the metrics for the last 24 hours', async () => {
    await forecast()
    await city.measure(['a', '08:10', 51], ['b', '08:10', 74])
    await city.tick('08:30')
    // Two of 15 minutes: 2 and 4 km/h off, of which one had a band and lay in it.
    const said = city.gauges.get('forecast_error_kmh') as { labels: Record<string, string>; value: number }[]
    const of = (labels: Record<string, string>) =>
      said.find((one) => Object.entries(labels).every(([name, value]) => one.labels[name] === value))?.value
    expect(of({ minutes: '15', statistic: 'mae', of: 'served' })).toBe(3)
    expect(of({ minutes: '15', statistic: 'rmse', of: 'served' })).toBeCloseTo(Math.sqrt(10), 12)
    // Where the model forecast alone: 53 of it, 50 of the newest speed and the usual 60 against 51.
    expect(of({ minutes: '15', statistic: 'mae', of: 'model' })).toBe(2)
    expect(of({ minutes: '15', statistic: 'mae', of: 'persistence' })).toBe(1)
    expect(of({ minutes: '15', statistic: 'mae', of: 'profile' })).toBe(9)
    expect(city.gauges.get('forecast_coverage_ratio')).toEqual([{ labels: { minutes: '15' }, value: 1 }])
    await city.tick('2026-03-03T08:00:00.000Z')
    expect(city.gauges.get('forecast_error_kmh')).toEqual([])
  })
})
