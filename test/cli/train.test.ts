import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { Sidecar } from '#models/traffic/sidecar.ts'
import { jams, type Speed, writeDataset } from './dataset.ts'
import { run } from './junction.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'junction-train-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const dataset = (name: string, days: number, speed: Speed) => writeDataset(join(folder, name), { days, speed })
const FOUR_DAYS = 4 * 144

describe('junction train', () => {
  it('writes a model that belongs together, the same for the same seed, whatever lies behind --until', async () => {
    const data = await dataset('later', 5, (row, sensor) => (row < FOUR_DAYS ? jams(row, sensor) : 5))
    const [out, again] = [join(folder, 'model'), join(folder, 'again')]
    const until = ['--until', '2026-03-06T00:00:00']
    const { code, output } = await run(['train', '--data', data, '--out', out, '--seed', '5', ...until])
    expect(output).toContain('5 days of a test: 576 steps of 10 min, 4 sensors, 2,304 readings')
    expect(output).toMatch(
      /network 1 of 2, epoch 1 of \d+: loss [\d.]+, on the last day [\d.]+, the best so far; \d+ s left at most/,
    )
    expect(output).toMatch(/^ +20 MIN +30 MIN +50 MIN +60 MIN$/m)
    expect(output).toMatch(/^persistence +[\d.]+\/[\d.]+/m)
    expect(code).toBe(0)
    expect((await readdir(out)).sort()).toEqual([
      ...['card.md', 'golden.json', 'model.json', 'model.onnx', 'statistics.json'],
    ])
    const sidecar = Sidecar.parse(JSON.parse(await readFile(join(out, 'model.json'), 'utf8')))
    expect(sidecar).toMatchObject({
      ...{ measure: 'speed', unit: 'KMH', timeZone: 'Europe/Vienna' },
      training: { seed: 5, rows: FOUR_DAYS, until: '2026-03-05T23:00:00.000Z' },
    })
    const alone = await dataset('earlier', 4, jams)
    await run(['train', '--data', alone, '--out', again, '--seed', '5'])
    expect(await readFile(join(again, 'model.onnx'))).toEqual(await readFile(join(out, 'model.onnx')))
  }, 180_000)

  it('writes none where a simpler forecast does better, and says what the city does then', async () => {
    const data = await dataset('still', 4, () => 50)
    const out = join(folder, 'none')
    const { code, output } = await run(['train', '--data', data, '--out', out])
    expect(output).toContain('No model is written: on the last day the newest reading does better.')
    expect(code).toBe(1)
    await expect(readdir(out)).rejects.toThrow('ENOENT')
  })

  it('overwrites no folder that holds something else', async () => {
    await mkdir(join(folder, 'mine'))
    await writeFile(join(folder, 'mine/notes.txt'), 'mine')
    const { code, output } = await run(['train', '--data', folder, '--out', join(folder, 'mine')])
    expect(output).toContain('holds notes.txt, which is no part of a model: name another folder by --out')
    expect(code).toBe(1)
  })

  it('says in a line what is wrong with a dataset', async () => {
    const { code, output } = await run(['train', '--data', join(folder, 'nowhere'), '--out', join(folder, 'out')])
    expect(output).toMatch(
      /^junction: .*nowhere\/dataset\.json cannot be read .*a dataset is a folder with a dataset\.json\n$/,
    )
    expect(code).toBe(1)
  })
})
