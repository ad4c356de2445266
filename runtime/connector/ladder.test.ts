import { describe, expect, it } from '@jest/globals'
import { checkLadder } from './ladder.ts'

describe('the ladder of timeouts', () => {
  it('stands as agreed for functions of up to 10 s', () => {
    expect(checkLadder('f', 10_000)).toMatchObject({ handler: 10_000, gateway: 12_000, attempt: 15_000, drain: 20_000 })
    expect(checkLadder('f', 3_000)).toMatchObject({ handler: 3_000, gateway: 12_000, attempt: 15_000 })
  })

  it('stretches with a longer exec_timeout', () => {
    expect(checkLadder('f', 60_000)).toMatchObject({
      handler: 60_000,
      gateway: 72_000,
      attempt: 90_000,
      drain: 120_000,
    })
  })

  it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])('refuses an exec_timeout of %d ms', (ms) => {
    expect(() => checkLadder('f', ms)).toThrow('function f: exec_timeout is')
  })
})
