import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from '@jest/globals'
import { type DatasetStep, openDataset } from './dataset.ts'

const folders: string[] = []
const folder = async (files: Record<string, string>) => {
  const path = await mkdtemp(join(tmpdir(), 'dataset-'))
  folders.push(path)
  for (const [name, text] of Object.entries(files)) await writeFile(join(path, name), text)
  return path
}
afterEach(async () => {
  for (const path of folders.splice(0)) await rm(path, { recursive: true })
})

const devices = { file: 'devices.csv', id: 'id', latitude: 'lat', longitude: 'lon', prefix: 'loop-' }
const devicesCsv = 'id,lat,lon\n7,34.15,-118.31\n8,34.11,-118.23\n'
const wide = {
  file: 'values.csv',
  form: 'wide',
  start: '2012-03-11T01:55:00',
  step: 'PT5M',
  timeZone: 'America/Los_Angeles',
}
const about = (more: object) => JSON.stringify({ title: 't', values: wide, measure: 'speed', devices, ...more })
const collect = async (steps: AsyncIterable<DatasetStep>) => {
  const seen: DatasetStep[] = []
  for await (const step of steps) seen.push(step)
  return seen
}
const times = (steps: DatasetStep[]) => steps.map((step) => step.at.toISOString())

describe('openDataset', () => {
  it('reads wide values by start and step, across a change of the clock, and leaves out what is missing', async () => {
    const path = await folder({
      'dataset.json': about({ unit: 'HM', links: { file: 'links.csv', form: 'matrix', order: 'columns' } }),
      'values.csv': '8,7\n60,50.5\n,NaN\n61,51\n',
      'devices.csv': devicesCsv,
      'links.csv': '1,0.5\n0,1\n',
    })
    const dataset = await openDataset(path)
    const steps = await collect(dataset.steps())
    expect(times(steps)).toEqual(['2012-03-11T09:55:00.000Z', '2012-03-11T10:00:00.000Z', '2012-03-11T10:05:00.000Z'])
    expect(steps[0]?.readings[1]).toEqual({
      device: 'loop-7',
      observedAt: '2012-03-11T09:55:00.000Z',
      location: { type: 'Point', coordinates: [-118.31, 34.15] },
      measures: { speed: 50.5 },
      units: { speed: 'HM' },
    })
    expect(steps[1]?.readings).toEqual([])
    expect(dataset.links).toEqual([{ from: 'loop-8', to: 'loop-7', weight: 0.5 }])
    expect((await dataset.start()).toISOString()).toBe('2012-03-11T09:55:00.000Z')
  })

  it('takes a blank line for a missing value where there is one device, else for nothing', async () => {
    const read = async (values: string) => {
      const path = await folder({ 'dataset.json': about({}), 'devices.csv': `${devicesCsv}\n`, 'values.csv': values })
      return (await collect((await openDataset(path)).steps())).map(({ readings }) => readings.length)
    }
    expect(await read('7\n50\n\n51\n')).toEqual([1, 0, 1])
    expect(await read('8,7\n50,50\n\n51,51\n\n')).toEqual([2, 2])
  })

  it('reads a time column through the repeated hour', async () => {
    const path = await folder({
      'dataset.json': about({
        values: { file: 'values.csv', form: 'wide', time: 'at', timeZone: 'America/Los_Angeles' },
      }),
      'values.csv': 'at,7\n2012-11-04T01:30:00,1\n2012-11-04T01:00:00,2\n2012-11-04T01:30:00,3\n',
      'devices.csv': devicesCsv,
    })
    const steps = await collect((await openDataset(path)).steps())
    expect(times(steps)).toEqual(['2012-11-04T08:30:00.000Z', '2012-11-04T09:00:00.000Z', '2012-11-04T09:30:00.000Z'])
  })

  it('reads long values and a list of links', async () => {
    const path = await folder({
      'dataset.json': about({
        measure: 'count',
        values: { file: 'v.csv', form: 'long', time: 't', device: 'd', value: 'n', timeZone: 'Europe/Paris' },
        links: { file: 'links.csv', form: 'list', from: 'a', to: 'b' },
      }),
      'v.csv': 'd,t,n\n7,2024-07-01 08:00,12\n8,2024-07-01 08:00,3\n7,2024-07-01 08:01,13\n',
      'devices.csv': devicesCsv,
      'links.csv': 'a,b\n7,8\n',
    })
    const dataset = await openDataset(path)
    const steps = await collect(dataset.steps())
    expect(times(steps)).toEqual(['2024-07-01T06:00:00.000Z', '2024-07-01T06:01:00.000Z'])
    expect(steps[0]?.readings.map((r) => [r.device, r.measures])).toEqual([
      ['loop-7', { count: 12 }],
      ['loop-8', { count: 3 }],
    ])
    expect(dataset.links).toEqual([{ from: 'loop-7', to: 'loop-8', weight: 1 }])
  })

  const broken: [string, Record<string, string>, RegExp][] = [
    ['no dataset.json', {}, /dataset\.json cannot be read/],
    ['not JSON', { 'dataset.json': '{' }, /dataset\.json is not JSON/],
    ['an unknown key', { 'dataset.json': about({ colour: 1 }) }, /Unrecognized key: "colour"/],
    ['a file outside', { 'dataset.json': about({ devices: { ...devices, file: '../x.csv' } }) }, /inside the dataset/],
    ['no such zone', { 'dataset.json': about({ values: { ...wide, timeZone: 'Mars' } }) }, /time zone.*Mars/i],
    ['no such file', { 'dataset.json': about({}) }, /devices\.csv.*ENOENT/],
    ['no such column', { 'dataset.json': about({}), 'devices.csv': 'id,x\n1,2\n' }, /line 1: there is no column 'lat'/],
    [
      'no number',
      { 'dataset.json': about({}), 'devices.csv': devicesCsv, 'values.csv': '7\nfast\n' },
      /line 2: 'fast'/,
    ],
    [
      'an unknown device',
      { 'dataset.json': about({}), 'devices.csv': devicesCsv, 'values.csv': '9\n1\n' },
      /device '9'/,
    ],
    [
      'a ragged row',
      { 'dataset.json': about({}), 'devices.csv': devicesCsv, 'values.csv': '7,8\n1\n' },
      /values\.csv: line 2 has 1/,
    ],
    [
      'rows out of order',
      {
        'dataset.json': about({ values: { file: 'values.csv', form: 'wide', time: 't', timeZone: 'UTC' } }),
        'devices.csv': devicesCsv,
        'values.csv': 't,7\n2024-01-01T00:05,1\n2024-01-01T00:00,1\n',
      },
      /line 3: .* sort the rows by time/,
    ],
  ]
  it.each(broken)('refuses %s', async (_, files, message) => {
    const path = await folder(files)
    await expect(openDataset(path).then((dataset) => collect(dataset.steps()))).rejects.toThrow(message)
  })
})
