import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { Hono } from 'hono'
import { Answer, ModelInService } from '#functions/predict-traffic/answer.ts'
import { forecastCity, hour } from './city.ts'
import { fakeModel } from './model.ts'

const VALUES = [...Array(11).fill(50), 48]
const UNTIL = '2026-03-02T08:55:00+01:00'
const MPH = [...Array(11).fill(30), 10]

describe('predict-traffic over HTTP', () => {
  let city: Awaited<ReturnType<typeof forecastCity>>
  const { model, runs } = fakeModel([
    { id: 'a', usual: 60, neighbours: [[1, 1]] },
    { id: 'b', usual: 70 },
  ])
  beforeAll(async () => {
    city = await forecastCity(model)
    await city.segments('a', 'b', 'c')
    await city.measure(...hour('a', '07:55', 50), ...hour('b', '07:55', 40), ...hour('c', '07:55', 33))
  })
  afterAll(() => city.test.drop())

  const ask = async (body: unknown, headers: Record<string, string> = { 'content-type': 'application/json' }) => {
    const text = typeof body === 'string' ? body : JSON.stringify(body)
    const answer = await (city.app as Hono).request('/', { method: 'POST', headers, body: text })
    return { status: answer.status, type: answer.headers.get('content-type'), body: JSON.parse(await answer.text()) }
  }

  it('forecasts segments of the city, in the order asked, with all that the model looks at beside them', async () => {
    const { status, body } = await ask({ segments: ['c', 'nowhere', 'a'] })
    expect(status).toBe(200)
    const { forecasts } = Answer.parse(body)
    const made = { windowStart: '2026-03-02T07:55:00.000Z', madeAt: '2026-03-02T08:01:00.000Z' }
    expect(forecasts).toMatchObject([
      { segment: 'c', ...made, source: 'persistence', model: null, points: [{ p50Kmh: 33, p10Kmh: null }, {}, {}, {}] },
      { segment: 'nowhere', ...made, source: 'none', model: null, points: [] },
      {
        ...{ segment: 'a', ...made, source: 'model', model: 'f'.repeat(64) },
        points: [{ minutes: 15, p10Kmh: 48, p50Kmh: 53, p90Kmh: 58, level: 'slow' }, {}, {}, {}],
      },
    ])
    // The row of `a`, whose only neighbour is 10 km/h slower.
    expect(runs.at(-1)).toHaveLength(2 * 48)
    expect(runs.at(-1)?.[12 + 9 + 3 + 6]).toBe(-10)
    expect((await city.database.query('select 1 from forecast')).rows).toEqual([])
  })

  it('forecasts readings of any origin in the unit they came in', async () => {
    const { status, body } = await ask({
      series: [
        { segment: 'a', until: UNTIL, values: VALUES },
        { segment: 'a', until: UNTIL, unit: 'HM', values: MPH },
        { segment: 'b', until: '2026-03-02T09:55:00Z', values: Array(12).fill(null) },
        { segment: 'x', until: UNTIL, unit: 'KMH', values: VALUES },
        { segment: 'x', until: UNTIL, values: Array(12).fill(null) },
      ],
    })
    expect([status, Answer.parse(body)]).toEqual([
      200,
      {
        model: 'f'.repeat(64),
        forecasts: [
          {
            ...{ segment: 'a', unit: 'KMH', until: '2026-03-02T07:55:00.000Z', source: 'model' },
            points: [
              { minutes: 15, at: '2026-03-02T08:10:00.000Z', p10: 46, p50: 51, p90: 56 },
              { minutes: 30, at: '2026-03-02T08:25:00.000Z', p10: 49, p50: 54, p90: 59 },
              { minutes: 45, at: '2026-03-02T08:40:00.000Z', p10: 52, p50: 57, p90: 62 },
              { minutes: 60, at: '2026-03-02T08:55:00.000Z', p10: 55, p50: 60, p90: 65 },
            ],
          },
          {
            ...{ segment: 'a', unit: 'HM', until: '2026-03-02T07:55:00.000Z', source: 'model' },
            // 10 mph are 16.09 km/h; 3, 6, 9 and 12 km/h are 1.86, 3.73, 5.59 and 7.46 mph, 5 are 3.11.
            points: [
              { minutes: 15, at: '2026-03-02T08:10:00.000Z', p10: 8.76, p50: 11.86, p90: 14.97 },
              { minutes: 30, at: '2026-03-02T08:25:00.000Z', p10: 10.62, p50: 13.73, p90: 16.84 },
              { minutes: 45, at: '2026-03-02T08:40:00.000Z', p10: 12.49, p50: 15.59, p90: 18.7 },
              { minutes: 60, at: '2026-03-02T08:55:00.000Z', p10: 14.35, p50: 17.46, p90: 20.56 },
            ],
          },
          expect.objectContaining({ segment: 'b', source: 'profile', until: '2026-03-02T09:55:00.000Z' }),
          expect.objectContaining({ segment: 'x', source: 'persistence' }),
          { segment: 'x', unit: 'KMH', until: '2026-03-02T07:55:00.000Z', source: 'none', points: [] },
        ],
      },
    ])
  })

  it('counts what it answers by where it comes from, apart from what a tick makes', () => {
    expect(Object.fromEntries(city.asked)).toEqual({ model: 3, profile: 1, persistence: 2, none: 2 })
    expect(Object.fromEntries(city.counts)).toEqual({})
  })

  it('takes 1,000 series, each of an instant of its own', async () => {
    const series = Array.from({ length: 1000 }, (_, i) => ({
      ...{ segment: i % 2 ? 'a' : 'b', values: VALUES },
      until: new Date(Date.parse(UNTIL) + i * 60_000).toISOString(),
    }))
    const { status, body } = await ask({ series })
    expect([status, body.forecasts.length]).toEqual([200, 1000])
    expect(new Set(body.forecasts.map(({ source }: { source: string }) => source))).toEqual(new Set(['model']))
  })

  it.each([
    ['no JSON', '{"segments":', undefined, 400, 'decode', ''],
    ['nothing', '', undefined, 400, 'decode', ''],
    ['a key that is there twice', '{"segments":["a"],"segments":["b"]}', undefined, 400, 'decode', '/segments'],
    ['a text', { segments: ['a'] }, { 'content-type': 'text/plain' }, 415, 'decode', undefined],
    ['no content type', { segments: ['a'] }, {}, 415, 'decode', undefined],
    ['neither', {}, undefined, 400, 'invalid', ''],
    ['1,001 segments', { segments: Array(1001).fill('a') }, undefined, 400, 'invalid', '/segments'],
    [
      'another unit',
      { series: [{ segment: 'a', until: UNTIL, unit: 'CEL', values: VALUES }] },
      undefined,
      400,
      'invalid',
      '/series/0/unit',
    ],
    [
      'a unit nobody knows',
      { series: [{ segment: 'a', until: UNTIL, unit: 'mph', values: VALUES }] },
      undefined,
      400,
      'invalid',
      '/series/0/unit',
    ],
  ])('refuses %s', async (_what, question, headers, status, code, path) => {
    const answer = await ask(question, headers)
    expect([answer.status, answer.type, answer.body.code]).toEqual([status, 'application/problem+json', code])
    expect(answer.body.errors?.[0]?.path).toBe(path)
  })

  it('tells of the model in service, and whether it serves this city', async () => {
    const app = city.app as Hono
    const about = ModelInService.parse(await (await app.request('/')).json())
    expect(about).toEqual({
      ...{ model: 'f'.repeat(64), title: 'A town', measure: 'speed', unit: 'KMH', stepMinutes: 5 },
      ...{ from: '2026-01-01T00:00:00.000Z', until: '2026-02-01T00:00:00.000Z', segments: 2 },
      ...{ minutes: [15, 30, 45, 60], unfit: null },
    })
    const refused = await app.request('/', { method: 'DELETE' })
    expect([refused.status, refused.headers.get('allow')]).toEqual([405, 'GET, POST'])
  })
})
