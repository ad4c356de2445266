import { describe, expect, it } from '@jest/globals'
import { openDatabase } from '#shared/state/database.ts'
import { freshDatabase } from '../postgres.ts'

describe('a connection', () => {
  it('has its limits, and no compiling of statements, by itself: whoever runs the server', async () => {
    const test = await freshDatabase({ migrated: false })
    const database = openDatabase({ url: test.url, password: test.password, max: 1, name: 'settings' })
    const { rows } = await database.query(
      `select name, setting from pg_settings where source = 'client' and name = any($1) order by name`,
      [['idle_in_transaction_session_timeout', 'jit', 'lock_timeout', 'statement_timeout', 'transaction_timeout']],
    )
    await database.close()
    await test.drop()
    expect(rows).toEqual([
      { name: 'idle_in_transaction_session_timeout', setting: '2000' },
      { name: 'jit', setting: 'off' },
      { name: 'lock_timeout', setting: '3000' },
      { name: 'statement_timeout', setting: '5000' },
      { name: 'transaction_timeout', setting: '8000' },
    ])
  })
})
