/** Remembers when the end of a partition was seen to move, to tell the age of its oldest unfinished event. */
export interface AgeTracker {
  /** The end was seen at `end` now. */
  seen(end: bigint, now: number): void
  /** Milliseconds since the event at `position` was first seen on the log; 0 if there is none. */
  oldest(position: bigint, now: number): number
}

const GRAIN_MS = 1000
const MOST_MARKS = 4096

/** Ages are known to about a second, and no further back than this process has been watching. */
export function ageTracker(): AgeTracker {
  // Events below `end` (and above the mark before) were first seen at `at`.
  let marks: { end: bigint; at: number }[] = []
  let known: bigint | undefined
  return {
    seen(end, now) {
      if (known !== undefined && end <= known) return
      known = end
      const last = marks.at(-1)
      if (last !== undefined && now - last.at < GRAIN_MS) last.end = end
      else marks.push({ end, at: now })
      if (marks.length > MOST_MARKS) marks = thinOut(marks)
    },
    oldest(position, now) {
      while (marks.length > 0 && (marks[0]?.end ?? 0n) <= position) marks.shift()
      return marks[0] === undefined ? 0 : Math.round(now - marks[0].at)
    },
  }
}

// Two marks become one with the earlier time: an age is then overstated, never understated.
function thinOut(marks: { end: bigint; at: number }[]): { end: bigint; at: number }[] {
  return marks.flatMap((mark, i) => (i % 2 === 0 ? [{ end: marks[i + 1]?.end ?? mark.end, at: mark.at }] : []))
}
