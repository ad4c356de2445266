import { describe, expect, it } from '@jest/globals'
import type { Errors } from './errors.ts'
import { type Evaluation, winnersOf } from './evaluation.ts'
import type { Interval } from './margins.ts'
import { benchmarkOf } from './published.ts'
import { reportOf } from './report.ts'

const LOS_LOOP = '7b732d86ae32b2930595becba28aff39dacbfb2197e250fc0332e1744ce2cbf4'

const errors = (rmse: number[], mae: number[]): Errors => ({ rmse, mae })
const meanOverSteps = {
  persistence: errors([5.5, 6.7, 7.6, 8.5], [3.1, 3.6, 4.1, 4.4]),
  slotMean: errors([7.8, 7.8, 7.8, 7.8], [4.3, 4.3, 4.3, 4.3]),
  ridge: errors([4.9, 5.7, 6.1, 6.5], [2.9, 3.3, 3.6, 3.8]),
  model: errors([4.7, 5.4, 6.8, 7.7], [2.7, 2.9, 3.1, 3.9]),
}
const atStep = { ...meanOverSteps, model: errors([5, 6, 7, 8], [3, 4, 5, 6]) }
const mae = { persistence: 9.4, slotMean: 12, ridge: 8.9, model: 7.8 }

const margin = (low: number) => {
  const intervals = [15, 30, 45, 60].map((): Interval => [low, low + 0.2])
  return { rmse: intervals, mae: intervals }
}

const evaluation = (sha256: string): Evaluation => {
  const benchmark = benchmarkOf(sha256)
  return {
    ...{ unit: 'mph', meanOverSteps, atStep, coverage: [0.8, 0.795, 0.79, 0.781], width: [9, 10, 11, 12] },
    data: { title: 'A week', origin: 'METR-LA', measure: 'speed', timeZone: 'UTC', stepMs: 300_000, sha256 },
    horizons: [15, 30, 45, 60].map((minutes) => ({ minutes, step: minutes / 5 })),
    test: {
      ...{ from: '2012-03-06T22:20:00.000Z', until: '2012-03-08T08:00:00.000Z', windows: [389, 386, 383, 380] },
      ...{ every: 1, used: 80_523, dropped: 12, missing: 0.043 },
    },
    winners: { meanOverSteps: winnersOf(meanOverSteps, benchmark), atStep: winnersOf(atStep) },
    regimes: {
      words: 'free from 55 mph, congested below 40 mph',
      onsets: { share: 0.014, mae: { ...mae, slotMean: 6 }, coverage: 0.1 },
      congested: { share: 0.13, mae, coverage: 0.6 },
    },
    sensors: { forecast: 207, better: 195, unknown: ['x'], worst: [{ id: 'y', model: 6.7, persistence: 8.9 }] },
    model: {
      ...{ id: 'ab', onnx: 'cd', weights: 9636, trainedHere: true },
      training: {
        ...{ title: 'A week', seed: 3, from: '2012-03-01T08:00:00.000Z', until: '2012-03-06T22:20:00.000Z' },
        ...{ rows: 1612, windows: { used: 1, dropped: 0 }, epochs: 9, sha256: 'ef' },
      },
    },
    margins: { persistence: margin(0.7), slotMean: margin(1.2), ridge: margin(-0.1) },
    ridge: { lambda: 0.01 },
    ...(benchmark === undefined ? {} : { benchmark }),
  }
}

describe('the winners', () => {
  it('are named column by column, the published row among them', () => {
    expect(winnersOf(meanOverSteps, benchmarkOf(LOS_LOOP))).toEqual({
      rmse: ['model', 'model', 'ridge', 'ridge'],
      mae: ['model', 'model', 'model', 'ridge'],
    })
    const worse = { ...meanOverSteps, ridge: meanOverSteps.persistence, model: meanOverSteps.slotMean }
    expect(winnersOf(worse, benchmarkOf(LOS_LOOP)).rmse).toEqual(['T-GCN', 'T-GCN', 'T-GCN', 'T-GCN'])
  })
})

describe('the report', () => {
  const text = reportOf(evaluation(LOS_LOOP), 'junction evaluate --data DIR --seed 3 --report FILE')

  it('prints the published row of the data it is of, with what speaks against it, and of no other', () => {
    expect(text).toContain('| T-GCN, as published | 5.126 / 3.180 | 6.060 / 3.747 | 6.707 / 4.116 | 7.268 / 4.602 |')
    expect(text).toContain('the epoch with the least error on the test part')
    expect(reportOf(evaluation('00'), '')).not.toContain('T-GCN, as')
    expect(reportOf(evaluation('00'), '')).toContain('Origin: METR-LA.')
  })

  it('names winners that are not the model', () => {
    expect(text).toContain(
      '| least | this model | this model | ridge, same features / this model | ridge, same features |',
    )
  })

  it('says in one paragraph what was reached and how little that is', () => {
    const paragraph = text.split('\n\n').find((part) => part.includes('RMSE 4.700'))
    expect(paragraph).toContain('5.6 days to learn from and 1.4 days to be judged on')
    expect(paragraph).toContain('no evidence for another city')
  })

  it('names origin, model, seed and command', () => {
    for (const part of [
      'Origin: a week of METR-LA',
      'DCRNN',
      'MIT-licensed',
      'Model `ab`',
      'seed 3, 9 epochs',
      '`junction evaluate --data DIR --seed 3',
    ])
      expect(text).toContain(part)
  })

  it('says what was masked and dropped', () => {
    expect(text).toContain('4.3 % of the targets were not measured: they are masked')
    expect(text).toContain('80,523 windows of a sensor used, 12 dropped')
    expect(text).toContain('so in no row: 1.')
  })

  it('says of a model that was there before what it does not know of it', () => {
    const given = evaluation(LOS_LOOP)
    const other = reportOf({ ...given, model: { ...given.model, trainedHere: false } }, '')
    expect(text).toContain('This command fitted nothing to the test part and chose nothing by it')
    expect(other).not.toContain('chose nothing by it')
    expect(other).not.toContain('chosen without')
    expect(other).toContain('whether it was chosen by that part is not known here')
  })

  it('says by its figures what becomes of the start of a jam, and nothing where none began', () => {
    expect(text).toContain(
      'begins the model is off by 7.800 mph, against 9.400 if all stayed as it is, and the band, meant to hold 80 of 100, holds 10.0 %',
    )
    const calm = evaluation(LOS_LOOP)
    const onsets = { share: 0, mae: {}, coverage: Number.NaN }
    expect(
      reportOf({ ...calm, regimes: { words: '', congested: { share: 0.1, mae, coverage: 1 }, onsets } }, ''),
    ).not.toContain('Where a jam begins')
  })

  it('says where only some windows were judged', () => {
    expect(text).not.toContain('was judged')
    const thinned = evaluation(LOS_LOOP)
    expect(reportOf({ ...thinned, test: { ...thinned.test, every: 3 } }, '')).toContain('1 in 3 was judged')
  })

  it('says how sure the differences are', () => {
    expect(text).toContain('the 17 blocks of two hours that the test part has are drawn anew')
    expect(text).toContain('this test cannot tell the two apart')
    expect(text).toContain('| ridge, same features | -0.10 to 0.10 / -0.10 to 0.10 |')
  })

  it('shows onsets and congested points apart', () => {
    expect(text).toContain('| all congested | 13.0 % | 9.400 | 12.000 | 8.900 | 7.800 | this model | 60.0 % |')
    expect(text).toContain('(onsets) | 1.4 % | 9.400 | 6.000 | 8.900 | 7.800 | slot mean | 10.0 % |')
  })
})
