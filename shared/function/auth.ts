import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'

/** Who brings an event: only the connector may name a position, an alarm or a schedule. */
export type Caller = { role: 'connector' } | { role: 'caller'; principal: string }

/** The keys callers are held against, and who else may bring events. */
export interface AuthSettings {
  mode: 'dev' | 'keys'
  eventAuth: 'key' | 'network'
  connectorKey: string | undefined
  invokeKey: string | undefined
}

/** Who the caller of an event call is, or undefined for nobody we know (401). */
export function authenticate(headers: IncomingHttpHeaders, settings: AuthSettings): Caller | undefined {
  const token = /^Bearer (\S+)$/i.exec(headers.authorization ?? '')?.[1]
  if (token && settings.connectorKey && sameSecret(token, settings.connectorKey)) return { role: 'connector' }
  if (token && settings.invokeKey && sameSecret(token, settings.invokeKey))
    return { role: 'caller', principal: 'invoke' }
  if (settings.mode === 'dev') return { role: 'caller', principal: 'dev' }
  if (settings.eventAuth === 'network') return { role: 'caller', principal: 'network' }
  return undefined
}

/** Whether a caller may do what only operators may: the holder of the invoke-key, anybody in development. */
export function isOperator(authorization: string | undefined, settings: AuthSettings): boolean {
  const caller = authenticate({ authorization }, settings)
  return caller?.role === 'caller' && (caller.principal === 'invoke' || caller.principal === 'dev')
}

/** Compares in constant time, whatever the lengths. */
export function sameSecret(given: string, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(given), digest(expected))
}
