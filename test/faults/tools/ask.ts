const PATIENCE_MS = 60_000

/** What a function answered. */
export interface Asked {
  status: number
  text: string
}

/**
 * Asks a function as any caller does: who is told that it is transient, or comes back with `Retry-After`, asks again, as
 * after waiting too long for one of few connections to the database.
 */
export async function ask(url: string, init: RequestInit = {}): Promise<Asked> {
  for (const began = performance.now(); ; ) {
    const answer = await fetch(url, init)
    const text = await answer.text()
    const transient = answer.status === 500 && text.includes('"code":"transient"')
    const later = answer.status === 503 && answer.headers.has('retry-after')
    if (!(transient || later) || performance.now() - began > PATIENCE_MS) return { status: answer.status, text }
  }
}
