import { createHash, timingSafeEqual } from 'node:crypto'

/** What is kept of a secret that itself need not be known: enough only for secrets nobody can guess. */
export const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest()

/** Compares in constant time, whatever the lengths. */
export const sameSecret = (given: string, expected: string): boolean => timingSafeEqual(sha256(given), sha256(expected))

/** The token of an Authorization header, where its scheme is Bearer. */
export const bearerOf = (authorization: string | undefined): string | undefined =>
  /^Bearer (\S+)$/i.exec(authorization ?? '')?.[1]

/** Whether a URL of a database holds a password, which belongs into a secret: PostgreSQL's clients take it as a parameter, too. */
export const holdsPassword = ({ password, searchParams }: URL): boolean =>
  password !== '' || searchParams.has('password') || searchParams.has('sslpassword')
