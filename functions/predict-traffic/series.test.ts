import { expect, it } from '@jest/globals'
import { fakeModel } from '#test/forecasts/model.ts'
import { forecastSeries } from './series.ts'

it('a series is forecast at the steps of the model, where they are no whole minutes, too', async () => {
  const horizons = [
    { minutes: 4, step: 3 },
    { minutes: 7, step: 6 },
  ]
  const { model } = fakeModel([{ id: 'a', usual: 60 }], 'KMH', { stepMs: 70_000, horizons })
  const values = Array(12).fill(50)
  const answer = await forecastSeries([{ segment: 'a', until: '2026-03-02T07:55:00Z', values }], model)
  expect(answer).toMatchObject({
    forecasts: [
      {
        until: '2026-03-02T07:55:00.000Z',
        points: [
          { minutes: 4, at: '2026-03-02T07:58:30.000Z', p50: 53 },
          { minutes: 7, at: '2026-03-02T08:02:00.000Z', p50: 56 },
        ],
      },
    ],
  })
})
