import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Caller } from '#shared/function/define.ts'
import { sha256 } from '#shared/secret.ts'
import type { Database } from '#shared/state/database.ts'
import { addDeviceKey, revokeDeviceKey } from '#shared/state/device-key.ts'
import { transaction } from '#shared/state/transaction.ts'
import { type FunctionProcess, startFunction } from '../function/process.ts'
import { freshDatabase } from '../postgres.ts'

export const OPERATOR_TOKEN = 'operator-token-of-the-tests'
export const INVOKE_KEY = 'invoke-key-of-the-tests'

const [SECRET, REVOKED] = ['s'.repeat(43), 'r'.repeat(43)]
const DEVICE_KEY = `dk_0000000001_${SECRET}`

/** Built functions as processes with AUTH_MODE=keys, and a caller of each role. */
export interface KeyedFunctions {
  database: Database
  /** Of loop-1. */
  deviceKey: string
  /** The Authorization of a key of loop-1 that was revoked. */
  revoked: string
  authorizationOf(role: Caller['role']): string | undefined
  processOf(name: string): FunctionProcess
  close(): Promise<void>
}

/** Starts them on a database of their own. */
export async function openKeyedFunctions(names: string[]): Promise<KeyedFunctions> {
  const { database, url, password, drop } = await freshDatabase()
  const key = (prefix: string, secret: string) => ({
    ...{ prefix, hash: sha256(secret), devices: ['loop-1'], label: undefined },
  })
  await transaction(database, async (sql) => {
    await addDeviceKey(sql, key('0000000001', SECRET))
    await addDeviceKey(sql, key('0000000002', REVOKED))
    await revokeDeviceKey(sql, '0000000002')
  })
  const secrets = await mkdtemp(join(tmpdir(), 'junction-secrets-'))
  for (const [name, value] of Object.entries({
    'database-password': password,
    'operator-token': OPERATOR_TOKEN,
    'invoke-key': INVOKE_KEY,
    'connector-key': 'connector-key-of-the-tests',
  }))
    await writeFile(join(secrets, name), value)
  const started = new Map<string, FunctionProcess>()
  const env = { AUTH_MODE: 'keys', SECRETS_DIR: secrets, DATABASE_URL: url }
  for (const name of names) started.set(name, await startFunction(`functions/${name}`, env))
  const processOf = (name: string) => {
    const one = started.get(name)
    if (!one) throw new Error(`${name} was not started`)
    return one
  }
  return {
    database,
    deviceKey: DEVICE_KEY,
    revoked: `Bearer dk_0000000002_${REVOKED}`,
    authorizationOf: (role) =>
      role === 'anonymous' ? undefined : `Bearer ${role === 'device' ? DEVICE_KEY : OPERATOR_TOKEN}`,
    processOf,
    close: async () => {
      for (const one of started.values()) one.remove()
      await Promise.all([...started.values()].map(({ exited }) => exited))
      await drop()
      await rm(secrets, { recursive: true })
    },
  }
}
