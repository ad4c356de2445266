/** The newest messages of the shared tail, kept for those who come back after a short break. */
export interface Recent {
  /** Every message from this offset on is here. */
  readonly from: bigint
  /** The offset behind the newest message. */
  readonly next: bigint
  add(offset: bigint, chunk: Uint8Array): void
  /** The message at this offset is not told. */
  skip(offset: bigint): void
  since(offset: bigint): Uint8Array[]
}

/** Keeps at most `size` messages of a tail that begins at offset `start`. */
export function keepRecent(start: bigint, size: number): Recent {
  let from = start
  let next = start
  const kept: { offset: bigint; chunk: Uint8Array }[] = []
  return {
    get from() {
      return from
    },
    get next() {
      return next
    },
    add(offset, chunk) {
      kept.push({ offset, chunk })
      next = offset + 1n
      // Cut seldom: moving the array costs as much as it is long.
      if (kept.length < 2 * size) return
      kept.splice(0, kept.length - size)
      from = kept[0]?.offset ?? next
    },
    skip(offset) {
      next = offset + 1n
    },
    since: (offset) => kept.filter((entry) => entry.offset >= offset).map((entry) => entry.chunk),
  }
}
