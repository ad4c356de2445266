import { expect, it } from '@jest/globals'
import { afterRead, type Past, UNREAD } from './past.ts'

const read: Past = { from: 0, to: 1, states: [], slots: [], devices: [] }

it('knows no past until one could be read, and says that it could not', () => {
  expect(afterRead(UNREAD, undefined)).toEqual({ past: undefined, failed: true })
  expect(afterRead(afterRead(UNREAD, undefined), read)).toEqual({ past: read, failed: false })
})

it('keeps what was read when the next read fails', () => {
  expect(afterRead(afterRead(UNREAD, read), undefined)).toEqual({ past: read, failed: true })
})
