import { describe, expect, it } from '@jest/globals'
import { createLockout } from './lockout.ts'

const MINUTE = 60_000

describe('the lockout', () => {
  it('begins with the fifth failure of a client and ends a minute after its first', () => {
    let now = 0
    const lockout = createLockout({ now: () => now })
    for (let i = 0; i < 4; i++) lockout.failed('a')
    expect(lockout.secondsLeft('a')).toBe(0)
    now = 20_000
    lockout.failed('a')
    expect(lockout.secondsLeft('a')).toBe(40)
    expect(lockout.secondsLeft('b')).toBe(0)
    now = MINUTE
    expect(lockout.secondsLeft('a')).toBe(0)
  })

  it('forgets failures that lie more than a minute apart', () => {
    let now = 0
    const lockout = createLockout({ now: () => now })
    for (let i = 0; i < 20; i++) {
      lockout.failed('a')
      now += MINUTE / 4
      expect(lockout.secondsLeft('a')).toBe(0)
    }
  })

  it('keeps count of so many clients and no more', () => {
    const lockout = createLockout({ failures: 1, mostClients: 2 })
    for (const client of ['a', 'b', 'c']) lockout.failed(client)
    expect(['a', 'b', 'c'].map((client) => lockout.secondsLeft(client) > 0)).toEqual([false, true, true])
  })
})
