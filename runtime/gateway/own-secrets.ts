import { timingSafeEqual } from 'node:crypto'
import { bearerOf, sha256 } from '#shared/secret.ts'
import { basicOf } from './guard.ts'

/** Whether an Authorization holds one of Junction's own secrets, as a bearer token or a password. */
export type HoldsOwnSecret = (authorization: string) => boolean

/** Knows Junction's own secrets; an empty one is none. */
export const ownSecretsOf = (secrets: string[]): HoldsOwnSecret => {
  const known = secrets.filter(Boolean).map(sha256)
  return (authorization) => {
    const given = bearerOf(authorization.trim()) ?? basicOf(authorization.trim())?.password
    if (given === undefined) return false
    const hash = sha256(given)
    return known.some((one) => timingSafeEqual(one, hash))
  }
}

/** Headers, as a flat list, for a program that is none of Junction's: it has no business with Junction's secrets. */
export const withoutOwnSecrets = (flat: string[], holdsOwnSecret: HoldsOwnSecret): string[] =>
  flat.filter((_, at) => {
    const name = at - (at % 2)
    return flat[name]?.toLowerCase() !== 'authorization' || !holdsOwnSecret(flat[name + 1] as string)
  })
