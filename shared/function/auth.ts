import type { IncomingHttpHeaders } from 'node:http'
import { bearerOf, sameSecret } from '#shared/secret.ts'

/** Who brings an event: only the connector may name a position, an alarm or a schedule. */
export type EventCaller = { role: 'connector' } | { role: 'caller'; principal: string }

/** The secrets callers are held against, and who else may bring events. */
export interface AuthSettings {
  mode: 'dev' | 'keys'
  eventAuth: 'key' | 'network'
  connectorKey: string | undefined
  invokeKey: string | undefined
}

/** Who the caller of an event call is, or undefined for nobody we know (401). */
export function authenticate(headers: IncomingHttpHeaders, settings: AuthSettings): EventCaller | undefined {
  const token = bearerOf(headers.authorization)
  if (token && settings.connectorKey && sameSecret(token, settings.connectorKey)) return { role: 'connector' }
  if (token && settings.invokeKey && sameSecret(token, settings.invokeKey))
    return { role: 'caller', principal: 'invoke' }
  if (settings.mode === 'dev') return { role: 'caller', principal: 'dev' }
  if (settings.eventAuth === 'network') return { role: 'caller', principal: 'network' }
  return undefined
}
