import { describe, expect, it } from '@jest/globals'
import { echo, pointerStep, problem } from './problem.ts'

describe('problem', () => {
  it('has the members of RFC 9457 and a code', () => {
    expect(problem(400, 'decode', { detail: 'the body is empty' })).toEqual({
      type: 'about:blank',
      title: 'Bad Request',
      status: 400,
      detail: 'the body is empty',
      code: 'decode',
    })
  })

  it('names at most 20 errors and counts the rest', () => {
    const errors = Array.from({ length: 25 }, () => ({ path: '/x', message: 'wrong' }))
    expect(problem(400, 'invalid', { errors }).errors?.at(-1)).toEqual({ path: '', message: '5 more errors' })
  })

  it('never echoes more than 64 characters of input, and escapes control characters', () => {
    expect(echo('a'.repeat(1000)).length).toBeLessThanOrEqual(64)
    expect(echo('\n'.repeat(1000)).length).toBeLessThanOrEqual(64)
    expect(echo('a\u001b[31m\r\n')).toBe('"a\\u001b[31m\\r\\n"')
    expect(pointerStep('k'.repeat(1000)).length).toBeLessThanOrEqual(65)
  })

  it('writes a key as a step of a JSON pointer', () => {
    expect(pointerStep('a/b~c')).toBe('/a~1b~0c')
  })
})
