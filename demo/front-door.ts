import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { z } from 'zod'

/** What became of a batch. */
export interface PostOutcome {
  accepted: number
  refused: number
  /** What the first refused reading was refused for. */
  firstRefusal?: string
  /** How often something had to be sent again. */
  retries: number
}

/** The gateway's answer can mean neither success nor a retry. */
export class FrontDoorError extends Error {
  override name = 'FrontDoorError'
}

const Items = z.array(z.looseObject({ index: z.int().nonnegative(), status: z.int() }))

const RETRY_FIRST_MS = 200
const RETRY_MOST_MS = 10_000
const RETRY_AFTER_MOST_MS = 60_000
/** An attempt takes no longer than this. */
export const ATTEMPT_MS = 30_000
/** Smaller bodies are not worth the work. */
const GZIP_FROM_BYTES = 16_384

/** Whether an answer of this status may be another one next time. */
export const mayRetry = (status: number): boolean => status === 429 || status === 408 || status >= 500

/** How long to wait before the next attempt: full jitter, but never before what the server asked for. */
export const pause = (attempt: number, retryAfter: string | null): number => {
  const asked = Math.min(Number(retryAfter ?? 0) * 1000 || 0, RETRY_AFTER_MOST_MS)
  return asked + Math.random() * Math.min(RETRY_MOST_MS, RETRY_FIRST_MS * 2 ** attempt)
}

/** The header that says who calls, where there is a token. */
export const bearer = (token: string | undefined): Record<string, string> =>
  token === undefined ? {} : { authorization: `Bearer ${token}` }

/** How readings are posted. */
export interface FrontDoorOptions {
  token?: string | undefined
  /** They are given as history, which only an operator may. */
  history?: boolean
}

/**
 * Posts batches of readings to `ingest` behind a gateway until each reading is durable there or refused for good; they
 * count as received at that instant where one is given.
 */
export const frontDoor = (gateway: string, { token, history = false }: FrontDoorOptions = {}) => {
  const url = new URL(`/function/ingest${history ? '?history=true' : ''}`, gateway)

  const send = async (readings: readonly object[], signal: AbortSignal, received?: Date): Promise<Response> => {
    if (received !== undefined) url.searchParams.set('received', received.toISOString())
    const json = Buffer.from(JSON.stringify(readings))
    const zip = json.length >= GZIP_FROM_BYTES
    return fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(zip ? { 'content-encoding': 'gzip' } : {}),
        ...bearer(token),
      },
      body: zip ? gzipSync(json, { level: 1 }) : json,
      signal: AbortSignal.any([signal, AbortSignal.timeout(ATTEMPT_MS)]),
    })
  }

  return async (readings: readonly object[], signal: AbortSignal, received?: Date): Promise<PostOutcome> => {
    const outcome: PostOutcome = { accepted: 0, refused: 0, retries: 0 }
    const refuse = (n: number, why: string) => {
      outcome.refused += n
      outcome.firstRefusal ??= why
    }
    let left = readings
    for (let attempt = 0; ; attempt += 1) {
      signal.throwIfAborted()
      let retryAfter: string | null = null
      try {
        const response = await send(left, signal, received)
        const text = await response.text()
        retryAfter = response.headers.get('retry-after')
        if (response.status === 207) {
          const items = itemsOf(text, left.length)
          outcome.accepted += items.filter((item) => item.status < 400).length
          for (const item of items)
            if (item.status >= 400 && !mayRetry(item.status)) refuse(1, JSON.stringify(item).slice(0, 300))
          left = items.filter((item) => mayRetry(item.status)).flatMap((item) => left[item.index] ?? [])
          if (left.length === 0) return outcome
        } else if (response.ok) {
          outcome.accepted += left.length
          return outcome
        } else if (response.status === 401 || response.status === 403 || response.status === 404) {
          throw new FrontDoorError(`${url} answers ${response.status}: ${text.slice(0, 200)}`)
        } else if (!mayRetry(response.status)) {
          refuse(left.length, `${response.status}: ${text.slice(0, 300)}`)
          return outcome
        }
      } catch (error) {
        // Refused, reset, timed out or cut off in the middle: whether it arrived is unknown, and repeating is safe.
        if ((error as Error).name === 'FrontDoorError' || signal.aborted) throw error
      }
      outcome.retries += 1
      await sleep(pause(attempt, retryAfter), undefined, { signal })
    }
  }
}

const itemsOf = (text: string, sent: number) => {
  const items = Items.safeParse(safeJson(text))
  const complete = items.success && new Set(items.data.map((item) => item.index)).size === sent
  if (!complete)
    throw new FrontDoorError(`the answer of 207 does not tell of each of ${sent} readings: ${text.slice(0, 200)}`)
  return items.data
}

/** What a text says as JSON; undefined where it is none. */
export const safeJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
