/** One call's way to be given up: whoever works on it at the moment puts its own undoing into `onCancel`. */
export interface Cancellation {
  cancelled: boolean
  onCancel: (() => void) | undefined
  /** A replica has the call: until then whatever goes wrong is not the call's fault. */
  routed?: boolean
}

/** A call whose caller went away. */
export class CancelledError extends Error {
  override name = 'CancelledError'
}

/** Gives a call up; a second time changes nothing. */
export const cancel = (cancellation: Cancellation): void => {
  if (cancellation.cancelled) return
  cancellation.cancelled = true
  cancellation.onCancel?.()
}
