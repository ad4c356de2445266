import { describe, expect, it } from '@jest/globals'
import { faultsByComparison, faultsByLimits, type Judged, LOS_LOOP, verdictOf } from './verdict.ts'

const errors = (rmse: number[], mae: number[]) => ({ rmse, mae })
const compared = {
  persistence: errors([5.5, 6.7, 7.6, 8.5], [3.1, 3.6, 4.1, 4.4]),
  slotMean: errors([7.8, 7.8, 7.8, 7.8], [4.3, 4.3, 4.3, 4.3]),
  ridge: errors([4.9, 5.7, 6.1, 6.5], [2.9, 3.3, 3.6, 3.8]),
  model: errors([4.75, 5.45, 5.9, 6.25], [2.65, 2.93, 3.13, 3.3]),
}
const good: Judged = {
  horizons: [15, 30, 45, 60].map((minutes) => ({ minutes, step: minutes / 5 })),
  ...{ meanOverSteps: compared, atStep: compared, coverage: [0.78, 0.8, 0.82, 0.79] },
}
const withModel = (model: { rmse: number[]; mae: number[] }): Judged => ({
  ...good,
  meanOverSteps: { ...compared, model },
})

describe('the limits of Los-loop', () => {
  it('let pass what just keeps them', () => {
    expect(faultsByLimits(good, LOS_LOOP)).toEqual([])
  })

  it.each([
    ['an RMSE', withModel(errors([4.75, 5.45, 5.901, 6.25], compared.model.mae)), 'rmse over the steps to 45 min'],
    ['an MAE', withModel(errors(compared.model.rmse, [2.65, 2.93, 3.13, 3.31])), 'mae over the steps to 60 min'],
    ['a narrow band', { ...good, coverage: [0.779, 0.8, 0.8, 0.8] }, 'the band at 15 min holds 77.9 %'],
    ['a wide band', { ...good, coverage: [0.8, 0.8, 0.8, 0.821] }, 'the band at 60 min holds 82.1 %'],
    ['no number', withModel(errors([Number.NaN, 5, 5, 5], compared.model.mae)), 'rmse over the steps to 15 min is NaN'],
    ['a missing figure', withModel(errors([4, 5], compared.model.mae)), 'rmse over the steps to 45 min'],
  ])('see %s', (_, judged, fault) => {
    expect(faultsByLimits(judged, LOS_LOOP)[0]).toContain(fault)
  })
})

describe('the comparison', () => {
  it('lets pass what beats both at each horizon', () => {
    expect(faultsByComparison(good)).toEqual([])
  })

  it('sees a horizon at which another is as good', () => {
    const judged = { ...good, atStep: { ...compared, slotMean: errors([7.8, 7.8, 7.8, 6.25], compared.slotMean.mae) } }
    expect(faultsByComparison(judged)).toEqual(['rmse (atStep) at 60 min is 6.250, that of slotMean 6.250'])
  })

  it('sees a band that is none', () => {
    expect(faultsByComparison({ ...good, coverage: [0.8, 0.8, 0.8, 1] })).toHaveLength(1)
  })
})

describe('the verdict', () => {
  // Above a limit of Los-loop, and still better than what is simpler.
  const judged = { ...withModel(errors([4.76, 5.45, 5.9, 6.25], compared.model.mae)), data: { sha256: 'ab' } }

  it('is by the limits where the data are Los-loop', () => {
    const { by, faults } = verdictOf({ ...judged, benchmark: { name: 'Los-loop' } })
    expect(by).toBe('judged by the limits of Los-loop')
    expect(faults.length).toBe(1)
  })

  it('says that it is by comparison where they are not', () => {
    expect(verdictOf(judged)).toEqual({
      by: 'judged by persistence and slot mean alone: values of SHA-256 ab are not Los-loop',
      faults: [],
    })
  })
})
