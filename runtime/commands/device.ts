import { randomBytes } from 'node:crypto'
import { SentReading } from '#shared/contracts/sent-reading.ts'
import { sha256 } from '#shared/secret.ts'
import { addDeviceKey, type ListedKey, listDeviceKeys, MOST_KEYS, revokeDeviceKey } from '#shared/state/device-key.ts'
import { transaction } from '#shared/state/transaction.ts'
import { UserError } from '../user-error.ts'
import { findDeployed, type Place } from './beside.ts'
import type { Output } from './output.ts'
import { table } from './table.ts'

const MOST_DEVICES = 1000

const checkDevices = (ids: string[]): string[] => {
  const wrong = ids.find((id) => !SentReading.shape.device.safeParse(id).success)
  if (wrong !== undefined)
    throw new UserError(`${JSON.stringify(wrong.slice(0, 64))} can be no device: 1 to 128 characters, no control ones`)
  const devices = [...new Set(ids)].sort()
  if (devices.length > MOST_DEVICES) throw new UserError(`a key is for at most ${MOST_DEVICES} devices`)
  return devices
}

const checkLabel = (label: string | undefined): string | undefined => {
  if (label !== undefined && !/^\P{Cc}{1,200}$/u.test(label))
    throw new UserError('a label has 1 to 200 characters, no control ones')
  return label
}

/** Makes a key for exactly these devices and shows it, this once. */
export const deviceAdd = async (
  ids: string[],
  { label, ...place }: Place & { label?: string },
  output: Output,
): Promise<void> => {
  const devices = checkDevices(ids)
  const kept = checkLabel(label)
  const deployed = await findDeployed(place)
  const prefix = randomBytes(5).toString('hex')
  const secret = randomBytes(32).toString('base64url')
  const full = await deployed.withDatabase((database) =>
    transaction(database, (sql) => addDeviceKey(sql, { prefix, hash: sha256(secret), devices, label: kept })),
  )
  if (full.length > 0)
    throw new UserError(
      `${full.slice(0, 5).join(', ')}: a device has at most ${MOST_KEYS} live keys: "junction device ls" shows them, "junction device revoke PREFIX" ends one`,
    )
  const key = `dk_${prefix}_${secret}`
  output.data({ prefix, key, devices, label: kept ?? null }, () => [
    `A key for ${devices.join(', ')}. Only its hash is kept: this is the one time it is shown.`,
    '',
    `  ${key}`,
  ])
}

const minutes = (at: Date): string => `${at.toISOString().slice(0, 16)}Z`

/** Lists the keys, the oldest first; the secret of none is known. */
export const deviceList = async (place: Place, output: Output): Promise<void> => {
  const deployed = await findDeployed(place)
  const keys = await deployed.withDatabase(listDeviceKeys)
  output.data(keys, () => (keys.length === 0 ? ['no keys: "junction device add ID" makes one'] : keysTable(keys)))
}

const keysTable = (keys: ListedKey[]): string[] =>
  table(
    ['PREFIX', 'STATE', 'SINCE', 'DEVICES', 'LABEL'],
    keys.map(({ prefix, devices, label, createdAt, revokedAt }) => [
      prefix,
      revokedAt ? 'revoked' : 'live',
      minutes(revokedAt ?? createdAt),
      devices.length > 5 ? `${devices.slice(0, 5).join(', ')} and ${devices.length - 5} more` : devices.join(', '),
      label ?? '',
    ]),
  )

/** Ends a key; functions that know it let it in for a few seconds more. */
export const deviceRevoke = async (given: string, place: Place, output: Output): Promise<void> => {
  const prefix = /^(?:dk_)?([0-9a-f]{10})$/.exec(given)?.[1]
  // Whatever was given is not said again: it might be a whole key.
  if (prefix === undefined)
    throw new UserError('give the prefix of a key, 10 characters: "junction device ls" shows them')
  const deployed = await findDeployed(place)
  const revoked = await deployed.withDatabase((sql) => revokeDeviceKey(sql, prefix))
  if (revoked === undefined)
    throw new UserError(`there is no key ${prefix}: "junction device ls" shows those there are`)
  const { key, before } = revoked
  if (before) throw new UserError(`the key ${prefix} was revoked already, at ${key.revokedAt?.toISOString()}`)
  output.data(key, () => [`the key ${prefix} of ${key.devices.join(', ')} is revoked: within 5 s nobody accepts it`])
}
