import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { keyCache } from '#shared/function/key-cache.ts'
import { sha256 } from '#shared/secret.ts'
import { addDeviceKey, revokeDeviceKey } from '#shared/state/device-key.ts'
import type { Sql } from '#shared/state/sql.ts'
import { transaction } from '#shared/state/transaction.ts'
import { freshDatabase, type TestDatabase } from '../postgres.ts'

let test: TestDatabase
let now = 0
let queries = 0
let down = false
let find: ReturnType<typeof keyCache>
beforeAll(async () => {
  test = await freshDatabase()
  await transaction(test.database, (sql) =>
    addDeviceKey(sql, { prefix: 'real', hash: sha256('s'), devices: ['loop-1'], label: undefined }),
  )
})
afterAll(() => test.drop())
beforeEach(() => {
  now = 0
  queries = 0
  down = false
  const sql: Sql = {
    query: (text, values) => {
      queries += 1
      return down ? Promise.reject(new Error('down')) : test.database.query(text, values)
    },
  }
  find = keyCache(sql, () => now)
})

describe('the keys a function knows', () => {
  it('are asked for once while they live, those nobody has as well', async () => {
    for (let i = 0; i < 100; i++) {
      expect(await find('real')).toMatchObject({ devices: ['loop-1'] })
      expect(await find('made-up')).toBeUndefined()
      now += 49
    }
    expect(queries).toBe(2)
    now = 5_001
    await find('real')
    expect(queries).toBe(3)
  })

  it('cost a flood of made-up ones two queries', async () => {
    const flood = Array.from({ length: 1_000 }, (_, n) => find(`flood-${n}`))
    expect((await Promise.all(flood)).filter(Boolean)).toEqual([])
    expect(queries).toBeLessThanOrEqual(2)
  })

  it('are not pushed out by made-up ones', async () => {
    await find('real')
    await Promise.all(Array.from({ length: 20_000 }, (_, n) => find(`flood-${n}`)))
    const before = queries
    await find('real')
    await find('flood-19999')
    expect(queries).toBe(before)
    // The oldest of them went: what is kept has an end.
    await find('flood-0')
    expect(queries).toBe(before + 1)
  })

  it('end within ten seconds of their revocation', async () => {
    const { prefix, hash, devices } = { prefix: 'short', hash: sha256('t'), devices: ['loop-2'] }
    await transaction(test.database, (sql) => addDeviceKey(sql, { prefix, hash, devices, label: undefined }))
    expect(await find('short')).toMatchObject({ devices: ['loop-2'] })
    await revokeDeviceKey(test.database, 'short')
    now = 10_000
    expect(await find('short')).toBeUndefined()
  })

  it('are not unknown because the database is down, and are asked for again', async () => {
    down = true
    await expect(Promise.all([find('real'), find('real')])).rejects.toThrow('down')
    down = false
    expect(await find('real')).toMatchObject({ devices: ['loop-1'] })
  })
})
