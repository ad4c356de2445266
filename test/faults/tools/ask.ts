import { setTimeout as delay } from 'node:timers/promises'

const PATIENCE_MS = 60_000
const PAUSE_MS = 100

/** What a function answered, at which try. */
export interface Asked {
  status: number
  text: string
  tries: number
}

/**
 * Asks a function as any caller does: who is told that it is transient, or comes back with `Retry-After`, asks again, as
 * after waiting too long for one of few connections to the database.
 */
export async function ask(url: string, init: RequestInit = {}): Promise<Asked> {
  const began = performance.now()
  for (let tries = 1; ; tries++) {
    const answer = await fetch(url, init)
    const text = await answer.text()
    const transient = answer.status === 500 && text.includes('"code":"transient"')
    const later = answer.status === 503 && answer.headers.has('retry-after')
    if (!(transient || later) || performance.now() - began > PATIENCE_MS) return { status: answer.status, text, tries }
    await delay(later ? Number(answer.headers.get('retry-after')) * 1000 : PAUSE_MS)
  }
}
