/** Keeps those out for a while who try too many wrong tokens. */
export interface Lockout {
  /** Seconds until this client may try again; 0 = now. */
  secondsLeft(client: string): number
  failed(client: string): void
}

/** How many wrong tokens in how long, and of how many clients the count is kept. */
interface LockoutLimits {
  failures?: number
  windowMs?: number
  mostClients?: number
  now?: () => number
}

/** A client's failures are forgotten when the time since its first one is over. */
export const createLockout = ({
  failures = 5,
  windowMs = 60_000,
  mostClients = 10_000,
  now = () => performance.now(),
}: LockoutLimits = {}): Lockout => {
  const clients = new Map<string, { count: number; until: number }>()
  const current = (client: string) => {
    const known = clients.get(client)
    if (known && known.until > now()) return known
    clients.delete(client)
    return undefined
  }
  return {
    secondsLeft(client) {
      const known = current(client)
      return known && known.count >= failures ? Math.ceil((known.until - now()) / 1000) : 0
    },
    failed(client) {
      const known = current(client) ?? { count: 0, until: now() + windowMs }
      known.count += 1
      clients.set(client, known)
      const oldest = clients.size > mostClients ? clients.keys().next().value : undefined
      if (oldest !== undefined) clients.delete(oldest)
    },
  }
}
