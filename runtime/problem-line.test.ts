import { describe, expect, it } from '@jest/globals'
import { problemLine } from './problem-line.ts'

describe('problemLine', () => {
  it.each([
    [{ detail: 'no such function', title: 'Not found' }, '404 no such function'],
    [{ title: 'Not found' }, '404 Not found'],
    [
      { detail: '1 of 1 events were refused', errors: [{ path: '/0', message: 'no JSON' }] },
      '404 1 of 1 events were refused: no JSON',
    ],
    [{}, '404'],
  ])('tells what a problem says', (body, line) => {
    expect(problemLine(404, JSON.stringify(body))).toBe(line)
  })

  it('shows the beginning of anything else', () => {
    expect(problemLine(502, '')).toBe('502')
    expect(problemLine(502, `<html>${'x'.repeat(900)}`)).toHaveLength(204)
  })
})
