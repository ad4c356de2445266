import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from '@jest/globals'
import { openDataset } from '#shared/dataset/dataset.ts'
import { damage } from './damage.ts'

const folder = mkdtempSync(join(tmpdir(), 'damage-'))
const DAYS = 4
const ROWS = DAYS * 144

const undamaged = () => {
  const about = {
    title: 'Three counters',
    values: {
      file: 'count.csv',
      form: 'wide',
      timeZone: 'Europe/Vienna',
      start: '2026-03-01T23:00:00Z',
      step: 'PT10M',
    },
    measure: 'count',
    unit: 'C62',
    devices: { file: 'devices.csv', id: 'device', latitude: 'latitude', longitude: 'longitude' },
    network: 'network.geojson',
  }
  const row = (n: number) => `${n},${n % 5 === 0 ? '' : 7},${n + 1}`
  writeFileSync(join(folder, 'dataset.json'), JSON.stringify(about))
  writeFileSync(join(folder, 'devices.csv'), 'device,latitude,longitude\na,48.1,16.1\nb,48.2,16.2\nc,48.3,16.3\n')
  writeFileSync(join(folder, 'count.csv'), `a,b,c\n${Array.from({ length: ROWS }, (_, n) => row(n)).join('\n')}\n`)
}
afterEach(() => rmSync(folder, { recursive: true }))

describe('damage', () => {
  it('leaves a dataset at uneven times, with gaps, without a day and with a device that is new', async () => {
    undamaged()
    const since = Date.parse('2026-03-04T23:00:00Z')
    const { values, inGaps } = damage(folder, { seed: 3, share: 0.1, days: [1], newcomer: { device: 'c', since } })
    const { about, steps } = await openDataset(folder)
    expect(about).not.toHaveProperty('network')
    const left: { device: string; at: number; value: number }[] = []
    for await (const { at, readings } of steps())
      for (const { device, measures } of readings)
        left.push({ device, at: at.getTime(), value: measures.count ?? Number.NaN })
    expect(left).toHaveLength(values)
    expect(inGaps).toBeGreaterThan(0.05)
    expect(inGaps).toBeLessThan(0.25)
    expect(
      left.filter(({ at }) => at >= Date.parse('2026-03-02T23:00:00Z') && at < Date.parse('2026-03-03T23:00:00Z')),
    ).toEqual([])
    expect(Math.min(...left.filter(({ device }) => device === 'c').map(({ at }) => at))).toBeGreaterThanOrEqual(since)
    const late = left
      .filter(({ device }) => device === 'a')
      .map(({ at, value }) => at - Date.parse('2026-03-01T23:00:00Z') - value * 600_000)
    expect(late.filter((ms) => ms < 0 || ms >= 120_000)).toEqual([])
    expect(new Set(late).size).toBeGreaterThan(10)
  })
})
