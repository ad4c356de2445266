import type { Pool } from 'undici'

/** A call's hold on a replica: its first `release` ends it. */
export interface Lease {
  replica: number
  client: Pool
  /** It takes no calls any more, though nobody has told so: it was asked to end from outside. */
  gone(): boolean
  /** The answer has become a stream: it no longer counts as load. */
  streaming(): void
  /** `answered` = the function gave a whole answer. */
  release(answered: boolean): void
  /** The replica took no connection: no more calls are routed to it. */
  lost(): void
}
