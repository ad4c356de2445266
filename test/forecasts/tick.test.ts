import { afterEach, describe, expect, it } from '@jest/globals'
import { forecastCity, hour } from './city.ts'
import { fakeModel } from './model.ts'

type City = Awaited<ReturnType<typeof forecastCity>>

describe('a tick of predict-traffic', () => {
  let city: City
  const open = async (...args: Parameters<typeof forecastCity>) => {
    city = await forecastCity(...args)
    return city
  }
  afterEach(() => city.test.drop())

  const stored = async () =>
    (
      await city.database.query(
        `select segment, source, minutes, p10, p50, p90, level, persistence, profile, scored from forecast order by 1, "window"`,
      )
    ).rows
  const two = () =>
    fakeModel([
      { id: 'a', usual: 60 },
      { id: 'b', usual: 70 },
    ])

  it('forecasts each segment of the city from the newest complete window, in one run', async () => {
    const { model, runs } = two()
    await open(model)
    await city.segments('a', 'b', 'c', 'd')
    // The window of 08:00 is not over at 08:01.
    await city.measure(...hour('a', '07:55', 50), ['a', '08:00', 99], ...hour('c', '07:45', 33))
    const forecasts = await city.tick('08:01')
    expect(
      forecasts.map(({ segment, source, windowStart, points }) => [segment, source, windowStart, points[0]]),
    ).toEqual([
      [
        ...['a', 'model', '2026-03-02T07:55:00.000Z'],
        { minutes: 15, windowStart: '2026-03-02T08:10:00.000Z', p10Kmh: 48, p50Kmh: 53, p90Kmh: 58, level: 'slow' },
      ],
      [
        ...['b', 'profile', '2026-03-02T07:55:00.000Z'],
        {
          minutes: 15,
          windowStart: '2026-03-02T08:10:00.000Z',
          p10Kmh: null,
          p50Kmh: 70,
          p90Kmh: null,
          level: 'heavy',
        },
      ],
      [
        ...['c', 'persistence', '2026-03-02T07:55:00.000Z'],
        {
          minutes: 15,
          windowStart: '2026-03-02T08:10:00.000Z',
          p10Kmh: null,
          p50Kmh: 33,
          p90Kmh: null,
          level: 'queuing',
        },
      ],
    ])
    expect(runs).toHaveLength(1)
    expect(await stored()).toEqual([
      {
        ...{ segment: 'a', source: 'model', minutes: [15, 30, 45, 60], scored: 0 },
        ...{ p10: [48, 51, 54, 57], p50: [53, 56, 59, 62], p90: [58, 61, 64, 67] },
        ...{ level: ['slow', 'slow', 'slow', 'slow'], persistence: 50, profile: [60, 60, 60, 60] },
      },
      {
        ...{ segment: 'b', source: 'profile', minutes: [15, 30, 45, 60], scored: 0 },
        ...{ p10: null, p50: [70, 70, 70, 70], p90: null },
        ...{ level: ['heavy', 'heavy', 'heavy', 'heavy'], persistence: null, profile: [70, 70, 70, 70] },
      },
      {
        ...{ segment: 'c', source: 'persistence', minutes: [15, 30, 45, 60], scored: 0 },
        ...{ p10: null, p50: [33, 33, 33, 33], p90: null },
        ...{ level: ['queuing', 'queuing', 'queuing', 'queuing'], persistence: 33, profile: null },
      },
    ])
    expect(Object.fromEntries(city.counts)).toEqual({ model: 1, profile: 1, persistence: 1, none: 1 })
    expect(city.gauges.get('model_info')).toEqual([{ labels: { model: 'f'.repeat(64) }, value: 1 }])
  })

  it('brought again in the same window makes what is missing, and nothing twice', async () => {
    await open(two().model)
    await city.segments('a')
    await city.measure(...hour('a', '07:55', 50))
    expect(await city.tick('08:01')).toHaveLength(1)
    const once = await stored()
    await city.measure(['a', '07:55', 20])
    expect(await city.tick('08:02')).toEqual([])
    expect(await stored()).toEqual(once)
    await city.segments('b')
    expect((await city.tick('08:03')).map(({ segment }) => segment)).toEqual(['b'])
    await expect(city.tick('08:03')).rejects.toMatchObject({ code: 'JN001' })
    expect(await city.tick('08:06')).toHaveLength(2)
  })

  it('makes nothing in a city that nobody has told of anything', async () => {
    await open(two().model)
    expect(await city.tick('08:01')).toEqual([])
    await city.segments('x')
    expect(await city.tick('08:06')).toEqual([])
    expect(Object.fromEntries(city.counts)).toEqual({ none: 1 })
  })

  it('says once why the model has no part in it, and again when the reason changes', async () => {
    await open(two().model)
    await city.segments('x')
    await city.measure(...hour('x', '07:55', 50))
    await city.tick('08:01')
    await city.tick('08:06')
    expect(city.lines).toEqual([
      'forecasts are made without the model, which knows no segment of this city: train one with "junction train"',
    ])
    await city.segments('a')
    await city.tick('08:11')
    expect(city.lines[1]).toContain('enough readings of the last hour')
    await city.measure(...hour('a', '08:10', 50))
    await city.tick('08:16')
    expect(city.lines).toHaveLength(2)
  })

  it('goes on by what is usual while the model fails, and says so once', async () => {
    const { model } = two()
    let broken = true
    const run: typeof model.run = async (x, rows) => {
      if (broken) throw new Error('out of memory')
      return model.run(x, rows)
    }
    await open({ ...model, run })
    await city.segments('a')
    await city.measure(...hour('a', '08:10', 50))
    expect(await city.tick('08:11')).toMatchObject([{ source: 'profile', points: [{ p50Kmh: 60 }, {}, {}, {}] }])
    expect(await city.tick('08:16')).toMatchObject([{ source: 'profile' }])
    expect(city.lines.filter((line) => line.startsWith('the model fails'))).toHaveLength(1)
    broken = false
    await city.measure(['a', '08:15', 50])
    expect(await city.tick('08:21')).toMatchObject([{ source: 'model' }])
  })

  it('goes on without the model where the windows of the city are of another length, and says so', async () => {
    await open(two().model, 600_000)
    await city.segments('a')
    await city.measure(['a', '07:40', 44], ['a', '07:50', 45])
    const [forecast] = await city.tick('08:01')
    expect(forecast).toMatchObject({ source: 'persistence', windowStart: '2026-03-02T07:50:00.000Z' })
    // The first steps of 10 minutes at or after 15, 30, 45 and 60.
    expect(forecast?.points.map(({ minutes, p50Kmh }) => [minutes, p50Kmh])).toEqual([
      [20, 45],
      [30, 45],
      [50, 45],
      [60, 45],
    ])
    expect(city.lines).toEqual([
      'forecasts are made without the model: the model was trained on steps of 5 min, but WINDOW is 10 min',
    ])
  })

  it('counts windows that were cut otherwise, before WINDOW was changed, for none', async () => {
    await open(two().model)
    await city.segments('a')
    await city.measure(...hour('a', '07:55', 50), ['a', '2026-03-02T07:53:00.000Z', 7])
    expect(await city.tick('08:01')).toMatchObject([{ source: 'model', points: [{ p50Kmh: 53 }, {}, {}, {}] }])
  })

  it('purges what is older than it keeps', async () => {
    await open(two().model)
    await city.segments('a')
    await city.measure(...hour('a', '07:55', 50))
    await city.tick('08:01')
    await city.database.query(
      `insert into forecast_score values ('2025-12-04T08:00Z', 15, 'model', 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0)`,
    )
    await city.tick('2026-03-04T07:55:00.000Z')
    expect(await stored()).toHaveLength(2)
    expect(
      (await city.database.query('select 1 from forecast_score where hour < $1', ['2026-01-01'])).rows,
    ).toHaveLength(1)
    await city.tick('2026-03-04T07:55:00.001Z')
    expect((await stored()).map(({ source }) => source)).toEqual(['profile'])
    await city.tick('2026-03-04T09:00:00.000Z')
    expect((await city.database.query('select 1 from forecast_score where hour < $1', ['2026-01-01'])).rows).toEqual([])
  })

  it('forecasts a city of 1,000 segments in one run', async () => {
    const names = Array.from({ length: 1000 }, (_, i) => `s${String(i).padStart(3, '0')}`)
    const { model, runs } = fakeModel(names.map((id) => ({ id, usual: 60 })))
    await open(model)
    await city.segments(...names)
    await city.measure(...names.flatMap((name) => hour(name, '07:55', 50)))
    const forecasts = await city.tick('08:01')
    expect(forecasts.map(({ segment }) => segment)).toEqual(names)
    expect(new Set(forecasts.map(({ source }) => source))).toEqual(new Set(['model']))
    expect(runs).toHaveLength(1)
  })
})
