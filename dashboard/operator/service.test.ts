import { expect, it } from '@jest/globals'
import { cityForecastOf } from '../forecast/city-forecast.ts'
import { answerOf, forecastOf } from '../forecast/fixture.ts'
import { serviceOf } from './service.ts'

it('names the model of most forecasts, and counts where they come from', () => {
  const forecast = forecastOf({ source: 'profile' })
  const bare = forecastOf({ source: 'persistence', model: null })
  const answer = answerOf(
    { segment: 'a', forecast: forecastOf({ model: 'new' }) },
    { segment: 'b', forecast: forecastOf({ model: 'new' }) },
    { segment: 'c', forecast: { ...forecast, model: 'old' } },
    { segment: 'd', forecast: bare },
    { segment: 'e', forecast: null },
  )
  expect(serviceOf(cityForecastOf(answer, 0))).toEqual({
    model: 'new',
    counts: { model: 2, profile: 1, persistence: 1 },
  })
  expect(serviceOf(cityForecastOf(answerOf({ segment: 'a', forecast: bare }), 0)).model).toBeNull()
})
