import { setTimeout as delay } from 'node:timers/promises'

/** Posts readings at a steady rate, as sensors do, whatever becomes of those before; some are tried until accepted. */
export interface Client {
  /** What was answered to each reading, by its id; 0 for nothing. */
  answers: Map<string, number[]>
  /** 503 without `Retry-After`. */
  bare(): number
  /** Statuses other than 202 so far. */
  refusals(): number
  /** No more readings; resolves when each has been answered, and each that is tried again was accepted. */
  end(): Promise<void>
}

/** Every so manieth reading is tried again under its id until it is accepted; the others once. */
const STUBBORN = 10
const SLOWEST_MS = 5_000
const PATIENCE_MS = 30_000

/** Starts a client. */
export function startClient(url: string, perSecond: number): Client {
  const answers = new Map<string, number[]>()
  const open = new Set<Promise<void>>()
  let bare = 0
  let refusals = 0
  let over = false

  const post = async (body: string): Promise<{ status: number; pauseMs: number }> => {
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
      signal: AbortSignal.timeout(PATIENCE_MS),
    }).catch(() => undefined)
    const status = answer?.status ?? 0
    await answer?.arrayBuffer().catch(() => {})
    const retryAfter = answer?.headers.get('retry-after') ?? undefined
    if (status === 503 && retryAfter === undefined) bare++
    if (status !== 202) refusals++
    return { status, pauseMs: Number(retryAfter ?? 1) * 1_000 }
  }

  const send = async (n: number) => {
    const observedAt = new Date().toISOString()
    const device = `c${n}`
    const statuses: number[] = []
    answers.set(`${device}@${observedAt}`, statuses)
    const body = JSON.stringify({ device, observedAt, measures: { speed: 50 } })
    for (let tries = 1; ; tries++) {
      const { status, pauseMs } = await post(body)
      statuses.push(status)
      if (status === 202 || n % STUBBORN !== 0) return
      await delay(Math.min(SLOWEST_MS, pauseMs * tries))
    }
  }

  const run = (async () => {
    const began = performance.now()
    for (let n = 0; !over; n++) {
      const sent: Promise<void> = send(n).finally(() => open.delete(sent))
      open.add(sent)
      await delay(Math.max(0, began + ((n + 1) / perSecond) * 1000 - performance.now()))
    }
  })()
  return {
    answers,
    bare: () => bare,
    refusals: () => refusals,
    async end() {
      over = true
      await run
      await Promise.all(open)
    },
  }
}
