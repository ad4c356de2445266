import { describe, expect, it } from '@jest/globals'
import { pace, reasonOf, size, took } from './words.ts'

describe('words', () => {
  it('write times and sizes for people', () => {
    expect([took(312.4), took(1449), took(185_000)]).toEqual(['312 ms', '1.4 s', '3 min'])
    expect([size(345), size(12_400), size(921_600)]).toEqual(['345 B', '12 kB', '922 kB'])
  })

  it('tell how city time goes', () => {
    const now = '2024-05-06T08:00:00.000Z'
    expect(pace({ kind: 'real', now, speed: 1 })).toBe('real time')
    expect(pace({ kind: 'database', now, speed: 120 })).toBe('120 times as fast as real time')
    expect(pace({ kind: 'database', now, speed: 0 })).toBe('stepped by hand')
  })

  it('give an unknown reason as it is', () => {
    expect([reasonOf('too_old'), reasonOf('new_reason')]).toEqual(['too old', 'new_reason'])
  })
})
