import { describe, expect, it } from '@jest/globals'
import { openDatabase } from './database.ts'

describe('a database', () => {
  it.each(['postgres://a:geheim@h/b', 'postgres://a@h/b?password=geheim', 'postgres://a@h/b?sslpassword=geheim'])(
    'is not opened by a URL with a password: %s',
    (url) => {
      const open = () => openDatabase({ url, max: 1, name: 'refused' })
      expect(open).toThrow('put it in the secret database-password')
      expect(open).not.toThrow('geheim')
    },
  )
})
