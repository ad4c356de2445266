import { timingSafeEqual } from 'node:crypto'
import { bearerOf, sha256 } from '#shared/secret.ts'
import type { DeviceKey } from '#shared/state/device-key.ts'
import type { Caller } from './define.ts'
import { PermanentError } from './errors.ts'

/** The live key of a prefix, undefined where there is none. */
export type FindKey = (prefix: string) => Promise<DeviceKey | undefined>

/** Who sends an Authorization header: nobody by schemes but Bearer; throws PermanentError 401 for a token nobody has. */
export type FindCaller = (authorization: string | undefined) => Promise<Caller>

// Browsers send a Basic password that they remember to all of a host, its public pages too.
const OTHER_SCHEME = /^(?!Bearer )[^\s,]+ /i

const DEVICE_KEY = /^dk_([0-9a-f]{10})_([A-Za-z0-9_-]{43})$/

/** An error that is answered with this status, as problem+json. */
export const authError = (status: 401 | 403, message: string): PermanentError =>
  new PermanentError(message, { code: 'auth', status })

/** Tells callers of a function's HTTP face apart. */
export function callerFinder(
  { mode, operatorToken }: { mode: 'dev' | 'keys'; operatorToken: string | undefined },
  findKey: FindKey,
): FindCaller {
  const operator: Caller = { role: 'operator' }
  const anonymous: Caller = { role: 'anonymous' }
  if (mode === 'dev') return async () => operator
  const operatorHash = operatorToken ? sha256(operatorToken) : undefined
  return async (authorization) => {
    if (authorization === undefined || OTHER_SCHEME.test(authorization)) return anonymous
    const token = bearerOf(authorization)
    if (token === undefined) throw authError(401, 'send a key or token as a bearer token')
    const [, prefix, secret] = DEVICE_KEY.exec(token) ?? []
    if (prefix !== undefined && secret !== undefined) {
      const key = await findKey(prefix)
      if (key && timingSafeEqual(sha256(secret), key.hash))
        return { role: 'device', key: key.prefix, devices: key.devices }
    } else if (operatorHash && timingSafeEqual(sha256(token), operatorHash)) return operator
    throw authError(401, 'this token is not known, or is revoked')
  }
}
