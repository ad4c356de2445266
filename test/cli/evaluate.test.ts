import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { Evaluation } from '#models/traffic/evaluate/evaluation.ts'
import { jams, writeDataset } from './dataset.ts'
import { run } from './junction.ts'

let folder: string
let data: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'junction-evaluate-'))
  data = await writeDataset(join(folder, 'jams'), { days: 6, speed: jams })
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** 864 rows: row 691 begins the test part, 19:10 on Friday. */
const TEST_PART = '2026-03-06T19:10:00'

const evaluate = async (...args: string[]): Promise<Evaluation> => {
  const { code, output } = await run(['evaluate', '--json', ...args])
  if (code !== 0) throw new Error(output)
  return JSON.parse(output)
}

describe('junction evaluate', () => {
  it('judges a model of its own, trained on what precedes the test part and on nothing else', async () => {
    const report = join(folder, 'report.md')
    const found = await evaluate('--data', data, '--seed', '5', '--report', report)
    expect(found.unit).toBe('km/h')
    expect(found.horizons.map(({ minutes }) => minutes)).toEqual([20, 30, 50, 60])
    expect(found.test).toMatchObject({ from: '2026-03-06T18:10:00.000Z', until: '2026-03-07T23:00:00.000Z' })
    // 173 rows, 12 in, 2, 3, 5 and 6 out, and the last one left out.
    expect(found.test.windows).toEqual([159, 158, 156, 155])
    for (const how of [found.meanOverSteps, found.atStep])
      for (const { rmse, mae } of [how.model, how.persistence, how.slotMean, how.ridge])
        expect([rmse, mae].map((figures) => figures.filter(Number.isFinite).length)).toEqual([4, 4])
    expect([found.coverage.length, found.width.length]).toEqual([4, 4])
    expect(found.model.training).toMatchObject({ seed: 5, rows: 691 })
    expect(found.benchmark).toBeUndefined()
    const text = await readFile(report, 'utf8')
    expect(text).toContain('`junction evaluate --data DIR --seed 5 --report FILE`')
    expect(text).toContain(found.model.onnx)
    expect(text).not.toContain('as published')

    const out = join(folder, 'model')
    await run(['train', '--data', data, '--seed', '5', '--until', TEST_PART, '--out', out])
    const again = await evaluate('--data', data, '--model', out)
    expect(again.model).toEqual({ ...found.model, trainedHere: false })
    expect(again.atStep).toEqual(found.atStep)
  })

  it('refuses a model that has seen the test part', async () => {
    const out = join(folder, 'seen')
    await run(['train', '--data', data, '--until', '2026-03-06T19:20:00', '--out', out])
    const { code, output } = await run(['evaluate', '--data', data, '--model', out])
    expect(output).toContain(
      'junction: the model has seen the test part: its training reaches to 2026-03-06T18:20:00.000Z, the test begins at 2026-03-06T18:10:00.000Z\n',
    )
    expect(code).toBe(1)
  })

  it('refuses a model of another unit', async () => {
    const miles = await writeDataset(join(folder, 'miles'), { days: 5, speed: jams, unit: 'HM' })
    const out = join(folder, 'other')
    await run(['train', '--data', miles, '--until', '2026-03-06T00:00:00', '--out', out])
    const { code, output } = await run(['evaluate', '--data', data, '--model', out])
    expect(output).toContain("junction: the model's unit is HM, that of the data is KMH\n")
    expect(code).toBe(1)
  })
})
