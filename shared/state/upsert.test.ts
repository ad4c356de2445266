import { describe, expect, it } from '@jest/globals'
import type { Sql } from './sql.ts'
import { type Upsert, upsertMany } from './upsert.ts'

/** What one upsert would send. */
async function sent(rows: unknown[][], more: Partial<Upsert> = {}) {
  const calls: { text: string; values: unknown[] | undefined }[] = []
  const sql: Sql = {
    async query(text, values) {
      calls.push({ text, values })
      return { rows: [], rowCount: 7, command: 'INSERT' }
    },
  }
  const columns = ['a', 'b', 'c'].map((name) => ({ name, type: name === 'b' ? 'int' : 'text' }))
  const count = await upsertMany(sql, { table: 'x', columns, keys: 2, rows, ...more })
  return { calls, count }
}

describe('upsertMany', () => {
  it('sends rows column by column, sorted by key', async () => {
    const { calls, count } = await sent([
      ['q', 10, '1'],
      ['q', 9, '2'],
      ['p', 11, '3'],
    ])
    expect(calls[0]?.values).toEqual([
      ['p', 'q', 'q'],
      [11, 9, 10],
      ['3', '2', '1'],
    ])
    expect(count).toBe(7)
  })

  it('makes equal keys one: the later row stays, or the one that wins', async () => {
    const rows = [
      ['p', 1, 'y'],
      ['o', 1, 'o'],
      ['p', 1, 'z'],
      ['p', 1, 'x'],
    ]
    expect((await sent(rows)).calls[0]?.values?.[2]).toEqual(['o', 'x'])
    const wins: Upsert['wins'] = (candidate, kept) => String(candidate[2]) > String(kept[2])
    expect((await sent(rows, { wins })).calls[0]?.values?.[2]).toEqual(['o', 'z'])
  })

  it('sends a list as one value, and none as null', async () => {
    const columns = [
      { name: 'a', type: 'text' },
      { name: 'b', type: 'int' },
      { name: 'c', type: 'float8[]' },
    ]
    const rows = [
      ['p', 1, [0.5, null, 2]],
      ['p', 2, null],
      ['p', 3, []],
    ]
    const { calls } = await sent(rows, { columns })
    expect(calls[0]?.text).toContain('select c0, c1, c2::float8[]')
    expect(calls[0]?.values?.[2]).toEqual(['{0.5,null,2}', null, '{}'])
  })

  it('sends nothing for no rows', async () => {
    expect(await sent([])).toEqual({ calls: [], count: 0 })
  })
})
