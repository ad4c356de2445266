import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { sha256 } from '#shared/secret.ts'
import { addDeviceKey, findDeviceKeys, listDeviceKeys, revokeDeviceKey } from '#shared/state/device-key.ts'
import { transaction } from '#shared/state/transaction.ts'
import { freshDatabase, type TestDatabase } from '../postgres.ts'

let test: TestDatabase
beforeAll(async () => {
  test = await freshDatabase()
})
afterAll(() => test.drop())

const add = (prefix: string, ...devices: string[]) =>
  transaction(test.database, (sql) => addDeviceKey(sql, { prefix, hash: sha256(prefix), devices, label: undefined }))

describe('device keys', () => {
  it('are found while they live, by prefix', async () => {
    expect(await add('a1', 'loop-a', 'loop-b')).toEqual([])
    expect(await findDeviceKeys(test.database, ['a1', 'none'])).toEqual([
      { prefix: 'a1', hash: sha256('a1'), devices: ['loop-a', 'loop-b'] },
    ])
    expect(await revokeDeviceKey(test.database, 'a1')).toMatchObject({ before: false, key: { prefix: 'a1' } })
    expect(await findDeviceKeys(test.database, ['a1'])).toEqual([])
    expect(await revokeDeviceKey(test.database, 'a1')).toMatchObject({ before: true })
    expect(await revokeDeviceKey(test.database, 'none')).toBeUndefined()
    expect(await listDeviceKeys(test.database)).toMatchObject([{ prefix: 'a1', revokedAt: expect.any(Date) }])
  })

  it('are at most two of a device, whoever comes at once; a revoked one makes room', async () => {
    const full = await Promise.all(Array.from({ length: 8 }, (_, n) => add(`c${n}`, 'loop-c', `loop-c-${n}`)))
    expect(full.filter((devices) => devices.length === 0)).toHaveLength(2)
    expect(full.filter((devices) => devices.length > 0)).toEqual(Array(6).fill(['loop-c']))
    const kept = (await listDeviceKeys(test.database)).filter(({ devices }) => devices.includes('loop-c'))
    await revokeDeviceKey(test.database, kept[0]?.prefix ?? '')
    expect(await add('c9', 'loop-c')).toEqual([])
  })
})
