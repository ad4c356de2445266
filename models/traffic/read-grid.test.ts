import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from '@jest/globals'
import { readGrid } from './read-grid.ts'

const folders: string[] = []
const folder = async (files: Record<string, string>) => {
  const path = await mkdtemp(join(tmpdir(), 'grid-'))
  folders.push(path)
  for (const [name, text] of Object.entries(files)) await writeFile(join(path, name), text)
  return path
}
afterEach(async () => {
  for (const path of folders.splice(0)) await rm(path, { recursive: true })
})

const devices = { file: 'devices.csv', id: 'id', latitude: 'lat', longitude: 'lon', prefix: 'loop-' }
// A kilometre north of 7 is 8; 9 is far away.
const devicesCsv = 'id,lat,lon\n7,48.200,16.3\n8,48.209,16.3\n9,49,16.3\n'
const wide = { file: 'v.csv', form: 'wide', start: '2026-03-02T00:00:00', step: 'PT5M', timeZone: 'Europe/Vienna' }
const long = { file: 'v.csv', form: 'long', time: 't', device: 'd', value: 'n', timeZone: 'Europe/Vienna' }
const about = (more: object = {}) =>
  JSON.stringify({ title: 't', values: wide, measure: 'speed', unit: 'KMH', devices, ...more })
const lines = (n: number, line: (i: number) => string) => Array.from({ length: n }, (_, i) => `${line(i)}\n`).join('')
/** A time of 2 March 2026, by the minute. */
const at = (minute: number) => new Date(Date.UTC(2026, 2, 2, 0, minute)).toISOString()
const wideFiles = (values: string, more: object = {}) => ({
  'dataset.json': about(more),
  'devices.csv': devicesCsv,
  'v.csv': values,
})
const longFiles = (values: string, more: object = {}) => wideFiles(`d,t,n\n${values}`, { values: long, ...more })
const gap = Number.NaN

describe('readGrid', () => {
  it('keeps what is missing missing, and a sensor without readings', async () => {
    const path = await folder(wideFiles(`8,7\n50,60\n,NaN\n0,62\n${lines(21, () => '52,63')}`))
    const { grid, unit, report } = await readGrid(path)
    expect(grid).toMatchObject({
      sensors: ['loop-7', 'loop-8', 'loop-9'],
      start: Date.parse('2026-03-01T23:00:00Z'),
      stepMs: 300_000,
      rows: 24,
      timeZone: 'Europe/Vienna',
    })
    expect([...grid.values.subarray(0, 12)]).toEqual([60, 50, gap, gap, gap, gap, 62, 1, gap, 63, 52, gap])
    expect(unit).toBe('KMH')
    expect(report).toEqual({ instants: 24, readings: 46, merged: 0, missing: 26, silent: ['loop-9'] })
  })

  it('finds the step of readings at irregular times, and averages speeds harmonically', async () => {
    // 7 tells every ten minutes at 20 s past, with one gap, one reading between and one twice; 8 once.
    const minutes = [0, 10, 20, 40, 50, 54, 60, ...Array.from({ length: 20 }, (_, i) => 70 + i * 10)]
    const values = minutes.map((minute) => `7,${at(minute).replace('00.000', '20.000')},${minute === 54 ? 20 : 60}\n`)
    values.splice(1, 0, `8,${at(7)},44\n`)
    values.push(`7,${at(260).replace('00.000', '20.000')},30\n`)
    const { grid, report } = await readGrid(await folder(longFiles(values.join(''))))
    expect(grid).toMatchObject({ start: Date.parse(at(0)), stepMs: 600_000, rows: 27 })
    const [seven, eight] = [0, 1].map((i) => [...grid.values].filter((_, n) => n % 3 === i))
    expect(seven?.slice(0, 7)).toEqual([60, 60, 60, gap, 60, 30, 60])
    expect(seven?.at(-1)).toBe(40)
    expect(eight?.slice(0, 2)).toEqual([44, gap])
    expect(report.merged).toBe(2)
  })

  it('takes whole minutes where devices keep no exact time', async () => {
    const seconds = [0, 7, 3, 11, 2, 9, 5, 1, 12, 4, 8, 6, 10]
    const values = lines(
      60,
      (i) => `7,${new Date(Date.parse(at(i * 5)) + (seconds[i % 13] ?? 0) * 1000).toISOString()},9`,
    )
    expect((await readGrid(await folder(longFiles(values)))).grid.stepMs).toBe(300_000)
  })

  it('averages counts, of which zero is one', async () => {
    const values = `7\n3\n0\n${lines(38, () => '4')}`
    const path = await folder(wideFiles(values, { measure: 'count', unit: undefined }))
    const { grid, unit } = await readGrid(path, { step: 'PT10M' })
    expect(grid).toMatchObject({ stepMs: 600_000, rows: 20 })
    expect([...grid.values.subarray(0, 6)]).toEqual([1.5, gap, gap, 4, gap, gap])
    expect(unit).toBe('C62')
  })

  it('leaves out what stands for a missing reading, and what comes too late', async () => {
    const path = await folder(wideFiles(`7\n0\n50\n${lines(30, () => '51')}`))
    const { grid } = await readGrid(path, { missing: 0, until: '2026-03-02T02:05:00' })
    expect(grid.rows).toBe(25)
    expect([...grid.values.subarray(0, 4)]).toEqual([gap, gap, gap, 50])
    expect((await readGrid(path, { until: '2026-03-02T01:05:00Z' })).grid.rows).toBe(25)
  })

  it('keeps time through a change of the hour', async () => {
    const spring = { ...wide, start: '2026-03-29T01:00:00', time: undefined }
    const { grid } = await readGrid(
      await folder(wideFiles(`7\n${lines(36, (i) => String(i + 1))}`, { values: spring })),
    )
    expect(grid).toMatchObject({ start: Date.parse('2026-03-29T00:00:00Z'), rows: 36 })
    const autumn = { file: 'v.csv', form: 'wide', time: 't', timeZone: 'Europe/Vienna' }
    const hours = ['01', '02', '02', '03']
    const rows = hours.flatMap((hour) => lines(12, (i) => `2026-10-25T${hour}:${String(i * 5).padStart(2, '0')}:00,9`))
    const read = await readGrid(await folder(wideFiles(`t,7\n${rows.join('')}`, { values: autumn })))
    expect(read.grid).toMatchObject({ start: Date.parse('2026-10-24T23:00:00Z'), stepMs: 300_000, rows: 48 })
    expect(read.report.merged).toBe(0)
  })
})

describe('the sensors of a grid', () => {
  const feature = (segment: string, on: string[], neighbours?: string[]) => ({
    type: 'Feature',
    geometry: { type: 'Point', coordinates: [16.3, 48.2] },
    properties: { segment, devices: on, neighbours },
  })
  const network = (...features: object[]) => JSON.stringify({ type: 'FeatureCollection', features })
  const values = `7,8,9\n${lines(24, () => '30,60,50')}`
  const read = async (files: Record<string, string>, more: object = {}) =>
    readGrid(await folder({ ...wideFiles(values, more), ...files }))

  it('are the segments of the network; a device on none is one of its own', async () => {
    const roads = network(feature('east', ['loop-7', 'loop-8'], ['loop-9', 'west']), feature('west', ['loop-1']))
    const { grid, links } = await read({ 'n.geojson': roads }, { network: 'n.geojson' })
    expect(grid.sensors).toEqual(['east', 'loop-9'])
    expect([...grid.values.subarray(0, 2)]).toEqual([40, 50])
    expect(links).toEqual([{ from: 0, to: 1, weight: 1 }])
  })

  it('are linked as the links say, first of all', async () => {
    const roads = network(feature('east', ['loop-7', 'loop-8'], ['loop-9']))
    const files = { 'n.geojson': roads, 'l.csv': 'a,b,w\n8,9,0.3\n7,8,0.9\n' }
    const form = { file: 'l.csv', form: 'list', from: 'a', to: 'b', weight: 'w' }
    const { links } = await read(files, { network: 'n.geojson', links: form })
    expect(links).toEqual([{ from: 0, to: 1, weight: 0.3 }])
  })

  it('are linked by where they stand, where nothing else is known', async () => {
    const { links } = await read({})
    expect(links).toEqual([{ from: 0, to: 1, weight: expect.closeTo(Math.exp(-1.0015), 3) }])
  })
})

describe('readGrid refuses', () => {
  const many = lines(40, () => '50')
  const broken: [string, Record<string, string>, object, RegExp][] = [
    ['no rows', wideFiles('7\n'), {}, /v\.csv has no rows$/],
    ['no readings', wideFiles(`7\n${lines(40, () => 'NaN')}`), {}, /v\.csv has no readings$/],
    ['no number', wideFiles('7\nfast\n'), {}, /line 2: 'fast' is not a number/],
    ['nothing before its end', wideFiles(`7\n${many}`), { until: '2026-03-01' }, /until: '2026-03-01' is no time/],
    ['an early end', wideFiles(`7\n${many}`), { until: '2026-03-01T00:00' }, /no rows before 2026-02-28T23:00/],
    ['too few rows', wideFiles(`7\n${lines(23, () => '50')}`), {}, /23 steps of 300 s.* take 24/],
    ['a long step', wideFiles(`7\n${many}`, { values: { ...wide, step: 'PT2H' } }), {}, /every 120 minutes is too few/],
    ['a long step by option', wideFiles(`7\n${many}`), { step: 'P1D' }, /every 1440 minutes is too few/],
    [
      'a short step',
      wideFiles(`7\n${many}`, { values: { ...wide, step: 'PT30S' } }),
      {},
      /every 30 s is more.* PT1M or/,
    ],
    ['a short step by option', wideFiles(`7\n${many}`), { step: 'PT59S' }, /every 59 s is more.* --step PT1M or more/],
    ['no step', wideFiles(`7\n${many}`), { step: '5m' }, /step: '5m' is no step/],
    ['one instant', longFiles(`7,${at(0)},5\n8,${at(5)},6\n`), {}, /no device has readings at two instants/],
    [
      'a wild time',
      longFiles(`7,0001-01-01T00:00:00Z,1\n7,${at(0)},5\n7,${at(1)},5\n7,${at(2)},5\n7,${at(3)},5\n`),
      {},
      /unless a time is wrong/,
    ],
    ['a unit of no speed', wideFiles(`7\n${many}`, { unit: 'CEL' }), {}, /'CEL' of the values is no speed/],
    ['no network', wideFiles(`7\n${many}`, { network: 'n.geojson' }), {}, /n\.geojson cannot be read/],
  ]
  it.each(broken)('%s', async (_, files, options, message) => {
    const reading = readGrid(await folder(files), options)
    await expect(reading).rejects.toMatchObject({ name: 'DatasetError', message: expect.stringMatching(message) })
  })
})
