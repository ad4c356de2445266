import type { IncomingMessage } from 'node:http'
import { bearerOf, sameSecret } from '#shared/secret.ts'
import { isForeignChange, isLoopbackHost } from './browser.ts'
import { createLockout, type Lockout } from './lockout.ts'
import type { Problem } from './problem.ts'

/** Who may call the gateway: whoever is on this machine, or who has the operator's token. */
export type GatewayAuth = { mode: 'dev' } | { mode: 'keys'; operatorToken: string }

/** Why a request goes no further. */
export interface Refusal {
  problem: Problem
  headers?: Record<string, string | string[]>
}

/** Looks at a request before anything else does; undefined lets it pass. */
export type Guard = (kind: 'function' | 'platform', path: string, request: IncomingMessage) => Refusal | undefined

/** What of the platform anybody may ask for. */
const PUBLIC = ['/', '/healthz']
/** What the wrapper of a function answers to probes and Prometheus, who are not behind this gateway. */
const WRAPPER = /^\/(?:metrics|_\/[^?]*)(?:\?|$)/

const elsewhere: Refusal = {
  problem: {
    ...{ status: 421, title: 'Not this host', code: 'host' },
    detail: 'AUTH_MODE=dev answers to localhost and loopback addresses only: AUTH_MODE=keys answers to any name',
  },
}
const foreign: Refusal = {
  problem: {
    ...{ status: 403, title: 'Another origin', code: 'origin' },
    detail: 'a page of another origin may not change anything here',
  },
}

/** Makes the guard: functions look after their own callers, all else is for the operator alone. */
export const createGuard = (
  auth: GatewayAuth,
  onLockout: (client: string) => void,
  lockout: Lockout = createLockout(),
): Guard =>
  auth.mode === 'dev'
    ? (_kind, _path, { method, headers }) => {
        if (!isLoopbackHost(headers.host)) return elsewhere
        return isForeignChange(method, headers) ? foreign : undefined
      }
    : (kind, path, request) => {
        if (kind === 'function' ? !WRAPPER.test(path) : PUBLIC.includes(path)) return undefined
        // Browsers send a Basic password of their own accord, for whatever page asks.
        if (isForeignChange(request.method, request.headers)) return foreign
        return refuseOthers(request, auth.operatorToken, lockout, onLockout)
      }

const refuseOthers = (
  request: IncomingMessage,
  token: string,
  lockout: Lockout,
  onLockout: (client: string) => void,
): Refusal | undefined => {
  const { authorization } = request.headers
  if (authorization === undefined) return unauthorized(request, "send the operator's token as a bearer token")
  const given = bearerOf(authorization) ?? passwordOf(authorization)
  // Also of an address that is locked: behind a proxy a stranger would else lock the operator out.
  if (given && sameSecret(given, token)) return undefined
  const client = request.socket.remoteAddress ?? ''
  const wait = lockout.secondsLeft(client)
  if (wait > 0) return lockedOut(wait)
  lockout.failed(client)
  if (lockout.secondsLeft(client) > 0) onLockout(client)
  return unauthorized(request, 'this is not the token of the operator')
}

/** The password of Basic credentials, whatever the user's name. */
const passwordOf = (authorization: string): string | undefined => {
  const encoded = /^Basic ([A-Za-z0-9+/]+=*)$/i.exec(authorization)?.[1]
  return encoded && /^[^:]*:(.*)$/s.exec(Buffer.from(encoded, 'base64').toString('utf8'))?.[1]
}

const lockedOut = (seconds: number): Refusal => ({
  problem: {
    ...{ status: 429, title: 'Locked out', code: 'locked_out', retryAfterSeconds: seconds },
    detail: `too many wrong tokens from this address: try again in ${seconds} s`,
  },
})

// A browser asks its user for a password at the word Basic, even for a script's request: those are told of Bearer alone.
const unauthorized = ({ headers }: IncomingMessage, detail: string): Refusal => ({
  problem: { status: 401, title: 'Unauthorized', code: 'auth', detail },
  headers: {
    'www-authenticate':
      headers['sec-fetch-dest'] === 'empty'
        ? 'Bearer realm="junction"'
        : ['Bearer realm="junction"', 'Basic realm="junction", charset="UTF-8"'],
  },
})
