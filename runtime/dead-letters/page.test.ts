import { describe, expect, it } from '@jest/globals'
import { previewOf } from './page.ts'

describe('previewOf', () => {
  it('shows text as it is, and says where it is cut', () => {
    expect(previewOf(Buffer.from('{"city":"Zürich"}'), 18)).toBe('{"city":"Zürich"}')
    expect(previewOf(Buffer.from('{"city"'), 18)).toBe('{"city"…')
  })

  it('leaves out a character that the cut went through', () => {
    expect(previewOf(Buffer.from('Zü').subarray(0, 2), 900)).toBe('Z…')
  })

  it('shows in hexadecimal what is no text', () => {
    expect(previewOf(Buffer.from([0xff, 0x7b]), 2)).toBe('ff 7b')
    expect(previewOf(Buffer.alloc(600, 0xfe), 601)).toBe(`${Array(64).fill('fe').join(' ')} …`)
  })
})
