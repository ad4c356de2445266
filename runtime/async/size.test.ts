import { expect, it } from '@jest/globals'
import { sizeOfCall } from './size.ts'

it('counts the path and the headers of a call as well as its body', () => {
  expect(sizeOfCall({ path: '/a?b', headers: ['name', 'value'], body: Buffer.from('12345') })).toBe(18)
  expect(sizeOfCall({ path: '/', headers: [], body: Buffer.alloc(0) })).toBe(1)
})
