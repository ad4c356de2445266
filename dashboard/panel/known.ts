/** What is known of something that is read again and again. */
export interface Known<T> {
  /** Undefined until it could be read once: nothing read is not the same as nothing there. */
  value: T | undefined
  /** The newest of it could not be read. */
  failed: boolean
}

/** Before the first read. */
export const UNREAD = { value: undefined, failed: false }

/** What is known after a read, undefined where it failed: what was read before stays. */
export const afterRead = <T>(before: Known<T>, read: T | undefined): Known<T> =>
  read === undefined ? { value: before.value, failed: true } : { value: read, failed: false }
