import { describe, expect, it } from '@jest/globals'
import { missing, openGate, permit, probeNow, reached, stopped, worldFailed } from './gate.ts'

const down = { code: 'unavailable', error: 'refused' }
const failTimes = (n: number, now: number) =>
  Array.from({ length: n }).reduce<ReturnType<typeof openGate>>((gate) => worldFailed(gate, now, down), openGate())

describe('the breaker', () => {
  it('opens at the fifth failure of the world in a row', () => {
    expect(permit(failTimes(4, 1000), 1000)).toBe('call')
    expect(permit(failTimes(5, 1000), 1000)).toBe('wait')
  })

  it('lets a probe through every 5 s, and a failed probe puts off the next', () => {
    const open = failTimes(5, 1000)
    expect(permit(open, 5999)).toBe('wait')
    expect(permit(open, 6000)).toBe('probe')
    expect(permit(worldFailed(open, 6000, down), 10_999)).toBe('wait')
    expect(permit(worldFailed(open, 6000, down), 11_000)).toBe('probe')
  })

  it('begins to count anew after any answer', () => {
    expect(permit(worldFailed(reached(), 0, down), 0)).toBe('call')
  })

  it('honours Retry-After up to 60 s', () => {
    const throttled = { ...down, retryAfterMs: 600_000 }
    const open = worldFailed(failTimes(4, 0), 0, throttled)
    expect(permit(open, 59_999)).toBe('wait')
    expect(permit(open, 60_000)).toBe('probe')
  })
})

describe('a stop', () => {
  const refused = { code: 'auth', error: '401' }

  it('takes one answer, and is probed every 30 s', () => {
    const gate = stopped(openGate(), 0, refused)
    expect(gate.pause).toMatchObject({ kind: 'stop', code: 'auth' })
    expect(permit(gate, 29_999)).toBe('wait')
    expect(permit(gate, 30_000)).toBe('probe')
  })

  it('is probed at once where somebody says so', () => {
    expect(permit(probeNow(stopped(openGate(), 0, refused), 10), 10)).toBe('probe')
    expect(permit(probeNow(openGate(), 10), 10)).toBe('call')
  })

  it('is not turned into an open breaker by a probe that finds the world down', () => {
    const gate = worldFailed(stopped(failTimes(4, 0), 0, refused), 30_000, down)
    expect(gate.pause).toMatchObject({ kind: 'stop', probeAt: 60_000 })
  })

  it('for a missing function comes after 30 s of 404', () => {
    const gone = { code: 'not_found', error: '404' }
    const first = missing(openGate(), 1000, gone)
    expect(permit(first, 1000)).toBe('call')
    expect(permit(missing(first, 30_999, gone), 30_999)).toBe('call')
    expect(missing(first, 31_000, gone).pause).toMatchObject({ kind: 'stop', code: 'not_found' })
  })
})
