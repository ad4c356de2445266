import type { IncomingMessage } from 'node:http'
import { bearerOf, sameSecret } from '#shared/secret.ts'
import { isForeignChange, isLoopbackHost } from './browser.ts'
import { createLockout, type Lockout } from './lockout.ts'
import type { Problem } from './problem.ts'

/** Who may call the gateway: whoever is on this machine, or who has the operator's token or OpenFaaS's user and password. */
export type GatewayAuth = { mode: 'dev' } | { mode: 'keys'; operatorToken: string; basicAuth: BasicAuth }

/** What `faas-cli login` asks for. */
export interface BasicAuth {
  user: string
  password: string
}

/** Why a request goes no further. */
export interface Refusal {
  problem: Problem
  headers?: Record<string, string | string[]>
}

/** Looks at a request before anything else does; undefined lets it pass. */
export type Guard = (kind: 'function' | 'platform', path: string, request: IncomingMessage) => Refusal | undefined

/** What of the platform anybody may ask for. */
const PUBLIC = ['/', '/healthz']
/** Where calls for later are left; all else there is about calls that were left, and not for everybody. */
const LEFT_FOR_LATER = '/async-function/'
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
        if (path.startsWith(LEFT_FOR_LATER) && request.method === 'POST') return undefined
        // Browsers send a Basic password of their own accord, for whatever page asks.
        if (isForeignChange(request.method, request.headers)) return foreign
        return refuseOthers(request, auth, lockout, onLockout)
      }

const refuseOthers = (
  request: IncomingMessage,
  auth: Credentials,
  lockout: Lockout,
  onLockout: (client: string) => void,
): Refusal | undefined => {
  const { authorization } = request.headers
  // Without credentials faas-cli sends an empty token: that is no guess at one.
  if (authorization === undefined || /^Bearer *$/i.test(authorization))
    return unauthorized(request, "send the operator's token as a bearer token, or user and password (faas-cli login)")
  // Also of an address that is locked: behind a proxy a stranger would else lock the operator out.
  if (isOperator(authorization, auth)) return undefined
  const client = request.socket.remoteAddress ?? ''
  const wait = lockout.secondsLeft(client)
  if (wait > 0) return lockedOut(wait)
  lockout.failed(client)
  if (lockout.secondsLeft(client) > 0) onLockout(client)
  return unauthorized(request, 'invalid credentials: neither the token of the operator nor the user and password')
}

type Credentials = Extract<GatewayAuth, { mode: 'keys' }>

/** The token, bare or as the password of whatever user; or OpenFaaS's user with its password. */
const isOperator = (authorization: string, { operatorToken, basicAuth }: Credentials): boolean => {
  const bearer = bearerOf(authorization)
  if (bearer !== undefined) return sameSecret(bearer, operatorToken)
  const basic = basicOf(authorization)
  if (!basic) return false
  const isUser = sameSecret(basic.user, basicAuth.user)
  const isPassword = sameSecret(basic.password, basicAuth.password)
  const isToken = sameSecret(basic.password, operatorToken)
  return isToken || (isUser && isPassword)
}

/** User and password of an Authorization header, where its scheme is Basic. */
export const basicOf = (authorization: string): BasicAuth | undefined => {
  const encoded = /^Basic ([A-Za-z0-9+/]+=*)$/i.exec(authorization)?.[1]
  const [, user, password] = /^([^:]*):(.*)$/s.exec(Buffer.from(encoded ?? '', 'base64').toString('utf8')) ?? []
  return user === undefined || password === undefined ? undefined : { user, password }
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
        : ['Basic realm="Restricted"', 'Bearer realm="junction"'],
  },
})
