import { expect, it } from '@jest/globals'
import { afterRead, UNREAD } from './known.ts'

it('knows nothing until it could be read, and says that it could not', () => {
  expect(afterRead(UNREAD, undefined)).toEqual({ value: undefined, failed: true })
  expect(afterRead(afterRead(UNREAD, undefined), 'read')).toEqual({ value: 'read', failed: false })
})

it('keeps what was read when the next read fails', () => {
  expect(afterRead(afterRead<string>(UNREAD, 'read'), undefined)).toEqual({ value: 'read', failed: true })
})
