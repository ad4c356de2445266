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
