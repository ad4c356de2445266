import { expect, it } from '@jest/globals'
import { freshFor } from './fresh-forecast.ts'

const MINUTE = 60_000

it.each([
  [5, 15],
  [15, 45],
  [60, 180],
  [1, 11],
  [2, 12],
])('with windows of %d min a forecast is told for %d min', (window, minutes) => {
  expect(freshFor(window * MINUTE)).toBe(minutes * MINUTE)
})
