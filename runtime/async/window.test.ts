import { describe, expect, it } from '@jest/globals'
import { createWindow } from './window.ts'

const open = () => {
  const time = { now: 0 }
  const capacity = { is: 16 }
  return {
    time,
    capacity,
    window: createWindow(
      () => capacity.is,
      () => time.now,
    ),
  }
}

describe('the window of calls in flight', () => {
  it('is what the replicas take, as it changes', () => {
    const { window, capacity } = open()
    expect([window.free(0), window.free(10), window.free(99)]).toEqual([16, 6, 0])
    capacity.is = 32
    expect(window.free(10)).toBe(22)
  })

  it('is halved once for calls that are refused together, and closed for as long as asked', () => {
    const { window, time } = open()
    for (let i = 16; i > 0; i--) window.throttled(i, 2_000)
    expect([window.free(0), window.pausedUntil()]).toEqual([0, 2_000])
    time.now = 2_000
    expect(window.free(0)).toBe(8)
    window.throttled(8, 1_000)
    time.now = 3_000
    expect(window.free(0)).toBe(4)
  })

  it('never closes for good, nor for longer than a minute', () => {
    const { window, time } = open()
    for (let i = 0; i < 9; i++) {
      window.throttled(1, 9e9)
      time.now += 60_000
    }
    expect(window.free(0)).toBe(1)
  })

  it('opens by one for each round of calls that pass', () => {
    const { window, time } = open()
    window.throttled(4, 1)
    time.now = 1
    expect(window.free(0)).toBe(2)
    for (let i = 0; i < 3; i++) window.passed()
    expect(window.free(0)).toBe(3)
    for (let i = 0; i < 500; i++) window.passed()
    expect(window.free(0)).toBe(16)
  })
})
