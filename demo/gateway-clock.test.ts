import { afterEach, describe, expect, it, jest } from '@jest/globals'
import { runningClock } from './gateway-clock.ts'

afterEach(() => {
  jest.restoreAllMocks()
})

describe('runningClock', () => {
  it('is on time after the machine slept, while performance.now() stood still', () => {
    jest.spyOn(performance, 'now').mockReturnValue(1000)
    const wall = jest.spyOn(Date, 'now').mockReturnValue(Date.parse('2026-03-10T22:00:00Z'))
    const clock = runningClock(new Date('2024-01-10T08:00:00Z'), 2)
    expect(clock.now().toISOString()).toBe('2024-01-10T08:00:00.000Z')
    wall.mockReturnValue(Date.parse('2026-03-11T06:00:00Z'))
    expect(clock.now().toISOString()).toBe('2024-01-11T00:00:00.000Z')
  })
})
