import type { DeadLetterPage, ReplayOutcome } from '#shared/contracts/dead-letters.ts'
import type { RuntimeStatus } from '#shared/contracts/runtime-status.ts'
import type { SensorHealthPage, SensorState } from '#shared/contracts/sensor-health.ts'
import type { ForecastAccuracy } from '#shared/contracts/traffic-forecasts.ts'

/** What came of asking: `absent` = whoever answered does not know the address, `locked` = it (Junction, if `own`) wants another token. */
export type Answer<T> =
  | { kind: 'here'; value: T }
  | { kind: 'absent' }
  | { kind: 'locked'; why: string; own: boolean }
  | { kind: 'failed'; why: string }

/** What of the dead letters and the sensors is asked for. */
export interface Filter {
  consumer: string | undefined
  reason: string | undefined
  letters: number
  state: SensorState | undefined
  sensors: number
}

/** What the operator view asks of the gateway and of the function `city`. */
export interface OperatorClient {
  status(signal: AbortSignal): Promise<Answer<RuntimeStatus>>
  deadLetters(filter: Filter, signal: AbortSignal): Promise<Answer<DeadLetterPage>>
  sensors(filter: Filter, signal: AbortSignal): Promise<Answer<SensorHealthPage>>
  accuracy(signal: AbortSignal): Promise<Answer<ForecastAccuracy>>
  replay(id: string): Promise<Answer<ReplayOutcome>>
  resume(consumer: string): Promise<Answer<undefined>>
}

/** Where the operator view asks, and as whom. */
export interface ClientOptions {
  gatewayUrl(path: string): URL
  cityUrl(path: string): URL
  fetch: typeof globalThis.fetch
  token: string | undefined
}

const LOOK_MS = 8_000
/** A replay may have to start its function first. */
const ACT_MS = 60_000

/** Makes a client that never throws: what went wrong is part of the answer. */
export function operatorClient({ gatewayUrl, cityUrl, fetch, token }: ClientOptions): OperatorClient {
  const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` }

  const ask = async <T>(url: URL, init: RequestInit): Promise<Answer<T>> => {
    try {
      const response = await fetch(url, { ...init, headers, cache: 'no-store' })
      return readAnswer<T>(response, await response.text())
    } catch {
      return { kind: 'failed', why: 'The city cannot be reached' }
    }
  }
  const look = <T>(url: URL, query: Record<string, string | number | undefined>, signal: AbortSignal) => {
    for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, `${value}`)
    return ask<T>(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(LOOK_MS)]) })
  }
  const act = <T>(path: string) =>
    ask<T>(gatewayUrl(`system/junction/${path}`), { method: 'POST', signal: AbortSignal.timeout(ACT_MS) })

  return {
    status: (signal) => look(gatewayUrl('system/junction/status'), {}, signal),
    deadLetters: ({ consumer, reason, letters }, signal) =>
      look(gatewayUrl('system/junction/dead-letters'), { consumer, reason, limit: letters }, signal),
    sensors: ({ state, sensors }, signal) => look(cityUrl('api/operator/sensors'), { state, limit: sensors }, signal),
    accuracy: (signal) => look(cityUrl('api/forecast-accuracy'), { hours: 24 }, signal),
    replay: (id) => act(`dead-letters/${encodeURIComponent(id)}/replay`),
    resume: (consumer) => act(`resume/${encodeURIComponent(consumer)}`),
  }
}

/** What Junction says of a refusal; others have no `code`. */
interface Problem {
  code?: string
  detail?: string
  title?: string
  retryAfterSeconds?: number
}

const readAnswer = <T>({ ok, status }: Response, text: string): Answer<T> => {
  const json = parse(text)
  // A server that knows nothing of this address may still answer, with some page of its own.
  if (ok && text !== '' && json === undefined) return { kind: 'absent' }
  if (ok) return { kind: 'here', value: json as T }
  const { code, detail, title, retryAfterSeconds } = (json ?? {}) as Problem
  const why = detail ?? title ?? `HTTP ${status}`
  // No token is wrong here, and it passes by itself: asking on does not prolong it.
  if (code === 'locked_out')
    return { kind: 'failed', why: retryAfterSeconds === undefined ? why : `Locked out for ${retryAfterSeconds} s` }
  if (status === 401 || status === 403) return { kind: 'locked', why, own: code !== undefined }
  if (status === 404 || status === 405) return { kind: 'absent' }
  return { kind: 'failed', why }
}

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
