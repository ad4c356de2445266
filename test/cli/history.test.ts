import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { readGrid } from '#models/traffic/read-grid.ts'
import { readSpeeds } from '#runtime/history/read.ts'
import type { PageSettings } from '#shared/contracts/page.ts'
import { openDataset } from '#shared/dataset/dataset.ts'
import { freshDatabase, type TestDatabase } from '#test/postgres.ts'
import { run } from './junction.ts'

let db: TestDatabase
let root: string
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'junction-history-'))
})
afterAll(() => rmSync(root, { recursive: true, force: true }))
beforeEach(async () => {
  db = await freshDatabase()
  writeFileSync(join(root, 'database-password'), db.password)
})
afterEach(() => db.drop())

/** The city as its function answers; undefined for somebody else's page. */
let settings: PageSettings | undefined
const city = createServer((request, response) => {
  const found = request.url === '/api/settings' && settings !== undefined
  response.end(found ? JSON.stringify(settings) : '<html>')
})
beforeAll(async () => {
  await new Promise<void>((listening) => city.listen(0, '127.0.0.1', listening))
  const { port } = city.address() as AddressInfo
  writeFileSync(join(root, 'functions.json'), JSON.stringify([{ name: 'city', url: `http://127.0.0.1:${port}` }]))
})
afterAll(() => void city.close())

const VIENNA = ['--timezone', 'Europe/Vienna']
const exportTo = (out: string, ...args: string[]) =>
  run(['history', 'export', '--out', join(root, out), '--functions', join(root, 'functions.json'), ...args], {
    DATABASE_URL: db.url,
    SECRETS_DIR: root,
  })

/** Two roads with two loops on one, a device that told where it stands, and a segment without a place. */
const CITY = `
  insert into segment (segment, name, geometry, located_at, lanes, length_km, free_flow_kmh, neighbours) values
    ('a "north", 1', 'Ring', '{"type":"LineString","coordinates":[[16.1,48.1],[16.2,48.2],[16.3,48.3]]}', '-infinity', 2, 1.5, 50,
      '["b"]'),
    ('b', null, '{"type":"LineString","coordinates":[[16.3,48.3],[16.4,48.4]]}', '-infinity', null, null, null, '[]'),
    ('loop-3', null, '{"type":"Point","coordinates":[16.5,48.5]}', '2026-03-01T00:00Z', null, null, null, null),
    ('nowhere', null, null, 'infinity', null, null, null, null);
  insert into segment_device values ('loop-1', 'a "north", 1'), ('loop-2', 'a "north", 1'), ('loop-9', 'b');
  insert into window_state (segment, "window", window_end, n, speed, level, confidence, open, rev)
  select segment, at::timestamptz, at::timestamptz + long::interval, 1, speed, 'free', 1, false, 1
  from (values
    ('b', '2026-03-01T22:45Z', '15 min', 99),
    ('a "north", 1', '2026-03-01T23:00Z', '5 min', 50.126),
    ('b', '2026-03-01T23:00Z', '5 min', 40),
    ('nowhere', '2026-03-01T23:00Z', '5 min', 77),
    ('a "north", 1', '2026-03-01T23:05Z', '5 min', null),
    ('b', '2026-03-01T23:10Z', '5 min', 41),
    ('loop-3', '2026-03-01T23:15Z', '5 min', 30),
    ('b', '2026-03-01T23:20Z', '5 min', 88)) state (segment, at, long, speed);`

describe('junction history export', () => {
  it('writes what was measured as a dataset of the segments, up to the newest window', async () => {
    await db.database.query(CITY)
    const { code, output } = await exportTo('all', ...VIENNA)
    expect(output).toContain('4 windows of 300 s from 2026-03-01T23:00:00.000Z on, 3 segments and their road network')
    expect(code).toBe(0)
    expect(await readFile(join(root, 'all', 'speed.csv'), 'utf8')).toBe(
      ['"a ""north"", 1",b,loop-3', '50.13,40,', ',,', ',41,', ',,30', ''].join('\n'),
    )
    const { about, devices } = await openDataset(join(root, 'all'))
    expect(about).toMatchObject({
      values: { start: '2026-03-01T23:00:00.000Z', step: 'PT5M', timeZone: 'Europe/Vienna' },
      measure: 'speed',
      unit: 'KMH',
    })
    expect(devices).toEqual([
      { id: 'a "north", 1', longitude: expect.closeTo(16.2), latitude: expect.closeTo(48.2) },
      { id: 'b', longitude: expect.closeTo(16.35), latitude: expect.closeTo(48.35) },
      { id: 'loop-3', longitude: 16.5, latitude: 48.5 },
    ])
  })

  it('is what a model of these segments can be trained on', async () => {
    await db.database.query(CITY)
    await db.database.query(
      `insert into window_state (segment, "window", window_end, n, speed, level, confidence, open, rev)
       select 'b', at, at + interval '5 min', 1, 33.25, 'free', 1, false, 1
       from generate_series(timestamptz '2026-03-02T00:00Z', '2026-03-03T00:00Z', '5 min') at`,
    )
    expect((await exportTo('trained', ...VIENNA)).code).toBe(0)
    const { grid, links, unit } = await readGrid(join(root, 'trained'))
    expect(grid).toMatchObject({ sensors: ['a "north", 1', 'b', 'loop-3'], stepMs: 300_000, timeZone: 'Europe/Vienna' })
    const row = (Date.parse('2026-03-02T12:00Z') - grid.start) / grid.stepMs
    expect([...grid.values.subarray(3 * row, 3 * row + 3)]).toEqual([Number.NaN, 33.25, Number.NaN])
    expect(links).toEqual([{ from: 0, to: 1, weight: 1 }])
    expect(unit).toBe('KMH')
  })

  it('writes what lies between two instants', async () => {
    await db.database.query(CITY)
    const between = ['--from', '2026-03-01T23:01:00Z', '--until', '2026-03-02T00:15:00+01:00']
    const { output } = await exportTo('some', ...VIENNA, ...between, '--json')
    expect(JSON.parse(output)).toEqual({
      out: join(root, 'some'),
      from: '2026-03-01T23:10:00.000Z',
      until: '2026-03-01T23:15:00.000Z',
      windows: 1,
      segments: 3,
    })
    expect(await readFile(join(root, 'some', 'speed.csv'), 'utf8')).toBe('"a ""north"", 1",b,loop-3\n,41,\n')
  })

  it('takes the time zone of the city', async () => {
    await db.database.query(CITY)
    settings = { windowMs: 300_000, timeZone: 'Asia/Tokyo', mapStyleUrl: null }
    expect((await exportTo('zone')).code).toBe(0)
    expect((await openDataset(join(root, 'zone'))).about.values.timeZone).toBe('Asia/Tokyo')
    settings = { ...settings, timeZone: null }
    expect((await exportTo('zone')).output).toContain('its days are those of UTC')
    expect((await openDataset(join(root, 'zone'))).about.values.timeZone).toBe('UTC')
    settings = undefined
  })

  it('reads windows of any length, a few at a time', async () => {
    await db.database.query(
      `insert into segment (segment, geometry) values ('c', '{"type":"Point","coordinates":[16,48]}');
       insert into window_state (segment, "window", window_end, n, speed, level, confidence, open, rev)
       select 'c', timestamptz 'epoch' + n * interval '70 s', timestamptz 'epoch' + (n + 1) * interval '70 s', 1, n, 'free', 1, false, 1
       from generate_series(20, 29) n where n <> 23`,
    )
    const span = { from: new Date(10 * 70_000), until: new Date(28 * 70_000), stepMs: 70_000 }
    const read: [number, number | undefined][] = []
    for await (const { at, speeds } of readSpeeds(db.database, ['c'], span, 3))
      read.push([at.getTime() / 70_000, speeds[0]])
    const known = (n: number): [number, number] => [n, n]
    expect(read).toEqual([...[20, 21, 22].map(known), [23, undefined], ...[24, 25, 26, 27].map(known)])
    expect((await exportTo('odd', ...VIENNA)).output).toContain('9 windows of 70 s')
    expect((await openDataset(join(root, 'odd'))).about.values).toMatchObject({ step: 'PT70S' })
  })

  it('says what is missing', async () => {
    expect(await exportTo('none', ...VIENNA)).toMatchObject({
      code: 1,
      output: expect.stringContaining('the city has measured nothing yet'),
    })
    await db.database.query(CITY)
    expect((await exportTo('none', ...VIENNA, '--until', '2026-01-01T00:00:00Z')).output).toContain(
      'the city has states from 2026-03-01T22:45:00.000Z to 2026-03-01T23:20:00.000Z',
    )
    expect((await exportTo('none')).output).toContain('say it with --timezone: what answers there is not the city')
    writeFileSync(join(root, 'devices.csv'), 'of somebody')
    expect((await exportTo('.', ...VIENNA)).output).toContain('devices.csv is there already, without a dataset.json')
    rmSync(join(root, 'devices.csv'))
    expect((await exportTo('none', '--timezone', 'Vienna')).output).toContain('an IANA time zone')
  })
})
