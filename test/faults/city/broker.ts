import type { Server } from '../server.ts'

/** What carries the events, as a process that can be done to. */
export interface Broker {
  /** SIGKILL, or as near to it as the server allows; it is away until `start`. */
  kill(): Promise<void>
  /** Resolves when it answers again. */
  start(): Promise<void>
  /** SIGSTOP: its connections stay open, nothing is answered. */
  freeze(): void
  thaw(): void
}

/** PostgreSQL as the broker. */
export const postgresBroker = (server: Server): Broker => ({
  kill: () => server.stop(),
  start: () => server.start(),
  freeze: server.freeze,
  thaw: server.thaw,
})
