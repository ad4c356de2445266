import { describe, expect, it } from '@jest/globals'
import { freshDatabase } from '../postgres.ts'

describe('a connection', () => {
  it('has its limits, and no compiling of statements, by itself: whoever runs the server', async () => {
    const test = await freshDatabase({ max: 1, migrated: false })
    const { rows } = await test.database.query(
      `select name, setting from pg_settings where source = 'client' and name = any($1) order by name`,
      [['jit', 'lock_timeout', 'statement_timeout', 'transaction_timeout']],
    )
    await test.drop()
    expect(rows).toEqual([
      { name: 'jit', setting: 'off' },
      { name: 'lock_timeout', setting: '3000' },
      { name: 'statement_timeout', setting: '5000' },
      { name: 'transaction_timeout', setting: '8000' },
    ])
  })
})
