import type { Rejection } from './machine.ts'

/** Why the platform itself answers a call: no replica took it, or the one that did gave no answer. */
export interface Refusal {
  status: 429 | 500 | 502 | 504
  title: string
  detail: string
  /** Whether the same call may succeed later. */
  retryable: boolean
  retryAfterSeconds?: number
}

/** A call that no replica could take. */
export class NoReplicaError extends Error {
  override name = 'NoReplicaError'
  readonly refusal: Refusal
  constructor(refusal: Refusal) {
    super(refusal.detail)
    this.refusal = refusal
  }
}

/** The pool has given its place to another one, which is to be asked instead. */
export class ReplacedError extends Error {
  override name = 'ReplacedError'
}

/** What a call is told that was not routed. */
export const refusals: Record<Rejection, (name: string) => Refusal> = {
  full: (name) => ({
    status: 429,
    title: 'Too many calls are waiting',
    detail: `too many calls already wait for a replica of ${name}`,
    retryable: true,
    retryAfterSeconds: 1,
  }),
  timeout: (name) => ({
    status: 504,
    title: 'No replica in time',
    detail: `no replica of ${name} could take the call in time: its log says why it does not get ready`,
    retryable: true,
  }),
  stopped: (name) => ({
    status: 502,
    title: 'Stopping',
    detail: `the runtime is stopping and starts no replica of ${name}`,
    retryable: true,
  }),
}
