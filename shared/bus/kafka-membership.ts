import type { Logger } from 'pino'
import { BusUnavailable } from './errors.ts'
import type { OpenSession, Session, SessionEvents } from './kafka-session.ts'
import { within } from './within.ts'

/** A consumer's place in its group that outlives its clients: one that ends is replaced. */
export interface Membership {
  readonly session: Session | undefined
  /** How often there was a new client after the first. */
  readonly rebuilds: number
  /** Leaves and comes back with a new client. */
  renew(): void
  leave(): Promise<void>
}

const AGAIN_MS = { least: 250, most: 2_000 }
const LEAVE_MS = 5_000

/** Joins the group, again and again; `onFailure` hears why a client ended. */
export function joinGroup(
  open: (events: SessionEvents) => ReturnType<OpenSession>,
  events: Omit<SessionEvents, 'onEnd'>,
  { consumer, log, onFailure }: { consumer: string; log: Logger; onFailure(error: unknown): void },
): Membership {
  let session: Session | undefined
  let left = false
  let failures = 0
  let rebuilds = 0
  let timer: NodeJS.Timeout | undefined

  function begin(): void {
    const mine: Session = open({
      onShare(share) {
        if (session !== mine) return
        failures = 0
        events.onShare(share)
      },
      onFetched: (fetched) => session === mine && events.onFetched(fetched),
      onSkipped(partition, next) {
        if (session === mine) events.onSkipped(partition, next)
      },
      onEnd(error) {
        if (session !== mine) return
        log.warn({ consumer, err: error }, 'the Kafka client of a consumer ended: it is made anew')
        onFailure(error)
        const wait = Math.min(AGAIN_MS.most, AGAIN_MS.least * 2 ** failures++)
        replace(wait * (0.5 + Math.random() / 2))
      },
    })
    session = mine
  }

  function replace(waitMs: number): void {
    const old = session
    session = undefined
    rebuilds++
    void end(old).then(() => {
      if (left) return
      timer = setTimeout(begin, waitMs)
    })
  }

  // A broker that is away says nothing to a farewell.
  const end = (old: Session | undefined): Promise<void> =>
    within(LEAVE_MS, old?.stop() ?? Promise.resolve(), () => new BusUnavailable('no farewell')).catch(() => {})

  begin()
  return {
    get session() {
      return session
    },
    get rebuilds() {
      return rebuilds
    },
    renew() {
      if (session !== undefined) replace(0)
    },
    async leave() {
      left = true
      clearTimeout(timer)
      const last = session
      session = undefined
      await end(last)
    },
  }
}
