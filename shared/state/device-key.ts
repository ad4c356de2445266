import type { Sql } from './sql.ts'

/** A live key of devices, as callers are held against it. */
export interface DeviceKey {
  prefix: string
  /** SHA-256 of its secret. */
  hash: Buffer
  /** Exactly these may be spoken for. */
  devices: string[]
}

/** A key as a list shows it. */
export interface ListedKey {
  prefix: string
  devices: string[]
  label: string | null
  createdAt: Date
  revokedAt: Date | null
}

/** Live keys a device may have at once: the old one, and the one that takes its place. */
export const MOST_KEYS = 2

const LISTED = 'prefix, devices, label, created_at as "createdAt", revoked_at as "revokedAt"'

/** The live keys among these prefixes. */
export const findDeviceKeys = async (sql: Sql, prefixes: string[]): Promise<DeviceKey[]> =>
  (
    await sql.query<DeviceKey>(
      'select prefix, hash, devices from device_key where prefix = any($1::text[]) and revoked_at is null',
      [prefixes],
    )
  ).rows

/** Keeps a key in the caller's transaction; the result names devices that have their most already: nothing was kept. */
export async function addDeviceKey(sql: Sql, key: DeviceKey & { label: string | undefined }): Promise<string[]> {
  // Two additions at once would each find room for one more.
  await sql.query('lock table device_key in share row exclusive mode')
  const { rows } = await sql.query<{ device: string }>(
    `select device from device_key, unnest(devices) device where revoked_at is null and device = any($1::text[])
     group by device having count(*) >= $2 order by device`,
    [key.devices, MOST_KEYS],
  )
  if (rows.length > 0) return rows.map(({ device }) => device)
  await sql.query('insert into device_key (prefix, hash, devices, label) values ($1, $2, $3, $4)', [
    key.prefix,
    key.hash,
    key.devices,
    key.label ?? null,
  ])
  return []
}

/** All keys, the oldest first. */
export const listDeviceKeys = async (sql: Sql): Promise<ListedKey[]> =>
  (await sql.query<ListedKey>(`select ${LISTED} from device_key order by created_at, prefix`)).rows

/** Ends a key; `before` tells that it had been revoked already, undefined that there is none of that prefix. */
export async function revokeDeviceKey(
  sql: Sql,
  prefix: string,
): Promise<{ key: ListedKey; before: boolean } | undefined> {
  const revoked = await sql.query<ListedKey>(
    `update device_key set revoked_at = now() where prefix = $1 and revoked_at is null returning ${LISTED}`,
    [prefix],
  )
  if (revoked.rows[0]) return { key: revoked.rows[0], before: false }
  const { rows } = await sql.query<ListedKey>(`select ${LISTED} from device_key where prefix = $1`, [prefix])
  return rows[0] && { key: rows[0], before: true }
}
