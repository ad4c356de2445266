import { execFile } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import type { TestDatabase } from '../postgres.ts'
import { type Image, type ShapeRequest, startImage } from './image.ts'
import { appended, deadLetters, effectsIn, empty, openWorld } from './world.ts'

const BUILT = 'dist/functions/predict-traffic'
const bearer = (secret: string) => ({ Authorization: `Bearer ${secret}` })
const JSON_TYPE = { 'Content-Type': 'application/json' }
/** Segments of the demo city, which the model that ships knows. */
const [KNOWN = '', OTHER = ''] = JSON.parse(
  readFileSync(join(BUILT, 'assets/model/statistics.json'), 'utf8'),
).sensors.map(({ id }: { id: string }) => id)

/** The ways in which platforms bring the tick of 08:11. */
const ticks: [string, ShapeRequest, string][] = [
  [
    "Junction's connector",
    {
      headers: {
        ...{ ...bearer('connector-secret'), ...JSON_TYPE, 'ce-specversion': '1.0', 'ce-source': '/junction/connector' },
        ...{ 'ce-id': 'predict-traffic/schedule@2026-03-01T08:11:00.000Z', 'ce-type': 'city.junction.schedule.v1' },
      },
      body: '{"name":"schedule","plannedAt":"2026-03-01T08:11:00.000Z"}',
    },
    '{}',
  ],
  [
    'a PingSource of Knative',
    {
      headers: {
        ...{
          ...JSON_TYPE,
          'Ce-Specversion': '1.0',
          'Ce-Source': '/apis/v1/namespaces/city/pingsources/predict-traffic',
        },
        ...{ 'Ce-Id': '1', 'Ce-Type': 'dev.knative.sources.ping', 'Ce-Time': '2026-03-01T08:11:00Z' },
      },
      body: '{}',
    },
    '',
  ],
  ["OpenFaaS's cron connector", { headers: { 'X-Connector': 'cron-connector', 'X-Topic': 'cron-function' } }, ''],
]

describe('predict-traffic, as its image runs it', () => {
  let test: TestDatabase
  let image: Image
  let files: string[]
  let expected: Record<string, unknown[]> | undefined

  const driven = async () => {
    await test.database.query(
      `insert into segment (segment, located_at, free_flow_kmh) values ($1, '-infinity', 60), ($2, '-infinity', 60), ('new-road', '-infinity', 60)`,
      [KNOWN, OTHER],
    )
    await test.database.query(
      `insert into window_state (segment, "window", window_end, n, speed, level, confidence, open, rev)
       select s, w, w + interval '5 min', 1, 42.5, 'heavy', 1, false, 1
       from unnest($1::text[]) s, generate_series('2026-03-01T07:10Z', '2026-03-01T08:05Z', interval '5 min') w`,
      [[KNOWN, 'new-road']],
    )
  }
  beforeAll(async () => {
    test = await openWorld()
    image = await startImage('functions/predict-traffic', { test })
    files = image.files()
  })
  afterEach(() => empty(test))
  afterAll(async () => {
    image?.remove()
    await test.drop()
  })

  it.each(ticks)(
    'forecasts the city at a tick of %s, and leaves the same when it comes again',
    async (_by, request, body) => {
      await driven()
      await test.database.query(
        `insert into schedule (consumer, name, last) values ('predict-traffic', 'schedule', '2026-03-01T08:06Z')`,
      )
      expect(await image.send(request)).toMatchObject({ status: 200, body })
      const log = await appended(test)
      const bySegment = new Map(
        log.map(([, key, data]) => [key, data as { source: string; points: { p50Kmh: number }[] }]),
      )
      expect([KNOWN, OTHER, 'new-road'].map((segment) => bySegment.get(segment)?.source)).toEqual([
        ...['model', 'profile', 'persistence'],
      ])
      for (const { points } of bySegment.values()) for (const { p50Kmh } of points) expect(p50Kmh).toBeGreaterThan(5)
      const { schedule: _, ...left } = await effectsIn(test)
      expected ??= left
      expect(left).toEqual(expected)

      expect((await image.send(request)).status).toBe(200)
      const { schedule: __, ...again } = await effectsIn(test)
      expect(again).toEqual(expected)
      expect(await deadLetters(test)).toEqual([])
    },
  )

  it('answers questions of who has a key', async () => {
    await driven()
    const values = Array(12).fill(42.5)
    const ask = (body: object, headers: Record<string, string>) =>
      image.send({ headers: { ...JSON_TYPE, ...headers }, body: JSON.stringify(body) })
    const segments = await ask({ segments: [KNOWN, 'nowhere'] }, bearer('operator-secret'))
    const series = await ask(
      { series: [{ segment: KNOWN, until: '2026-03-01T08:05:00Z', values }] },
      bearer('operator-secret'),
    )
    const [city, own] = [segments, series].map(({ status, body }) => [status, JSON.parse(body).forecasts])
    expect(city).toMatchObject([200, [{ source: 'model' }, { source: 'none' }]])
    expect(own).toMatchObject([200, [{ source: 'model', unit: 'KMH' }]])
    expect(own?.[1][0].points[0].p50).toBeCloseTo(city?.[1][0].points[0].p50Kmh, 0)
    expect((await ask({ segments: [KNOWN] }, {})).status).toBe(401)
    expect((await ask({ segments: [KNOWN] }, bearer('invoke-secret'))).status).toBe(401)
    expect((await image.send({ method: 'GET', path: '/' })).status).toBe(401)
    expect((await image.send({ method: 'GET', path: '/openapi.json' })).status).toBe(200)
    expect(await appended(test)).toEqual([])
  })

  it('tells by its metrics where forecasts come from, and of which model', async () => {
    const { body } = await image.send({ method: 'GET', path: '/metrics' })
    expect(body).toMatch(/junction_forecasts_total\{source="model",function="predict-traffic"[^}]*\} 3/)
    expect(body).toMatch(/junction_forecasts_asked_total\{source="model",function="predict-traffic"[^}]*\} 2/)
    expect(body).toMatch(/junction_model_info\{model="[0-9a-f]{64}",function="predict-traffic"[^}]*\} 1/)
  })

  it('writes nothing into its own folder', () => expect(image.files()).toEqual(files))
})

describe('predict-traffic with a broken model beside it', () => {
  it('ends with the reason', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'junction-broken-'))
    cpSync(BUILT, folder, { recursive: true })
    symlinkSync(resolve('node_modules'), join(folder, 'node_modules'))
    const onnx = readFileSync(join(folder, 'assets/model/model.onnx'))
    onnx[onnx.length >> 1] = (onnx[onnx.length >> 1] as number) ^ 1
    writeFileSync(join(folder, 'assets/model/model.onnx'), onnx)
    const env = {
      ...{ PATH: process.env.PATH, PORT: '0', HOST: '127.0.0.1', AUTH_MODE: 'dev' },
      DATABASE_URL: 'postgres://junction@localhost/none?host=/nowhere',
    }
    const { code, said } = await new Promise<{ code: unknown; said: string }>((done) =>
      execFile(process.execPath, ['index.js'], { cwd: folder, env }, (error, stdout, stderr) =>
        done({ code: error?.code, said: stdout + stderr }),
      ),
    )
    rmSync(folder, { recursive: true })
    expect([
      code,
      said
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).msg),
    ]).toEqual([
      1,
      [
        expect.stringMatching(
          /^predict-traffic does not start: the model that ships with the function is broken: .*SHA-256/,
        ),
      ],
    ])
  })
})
