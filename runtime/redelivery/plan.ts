/** Where one position stands, and the part of the log that is retained there. */
export interface Standing {
  partition: number
  position: bigint
  earliest: bigint
  end: bigint
}

/** Where a position goes. */
export interface Move {
  partition: number
  was: bigint
  now: bigint
  /** Events that come again. */
  again: bigint
  /** Events that will never come. */
  skipped: bigint
}

/** The positions cannot be set like that; the message says what can be asked for instead. */
export class RedeliveryRefused extends Error {
  override name = 'RedeliveryRefused'
}

/**
 * Works out the move of one position to `target`. Without `forward` it only goes back, except from what is no longer
 * there to the earliest that is. Throws `RedeliveryRefused` for a target that is not retained.
 */
export function planMove(
  place: string,
  { partition, position, earliest, end }: Standing,
  target: bigint,
  forward: boolean,
): Move {
  if (target < earliest)
    throw new RedeliveryRefused(
      `${place} begins at offset ${earliest}: what lay before is gone; give that, or earliest`,
    )
  if (target > end) throw new RedeliveryRefused(`${place} ends at offset ${end}: there is no ${target} yet`)
  const reached = position < earliest ? earliest : position
  const now = forward || target < reached ? target : reached
  return {
    partition,
    was: position,
    now,
    again: now < position ? min(position, end) - now : 0n,
    skipped: now > reached ? now - reached : 0n,
  }
}

const min = (a: bigint, b: bigint): bigint => (a < b ? a : b)
