import type { DeadLetterSummary } from '#shared/contracts/dead-letters.ts'

/** A dead letter that was replayed from this page, and what came of it. */
export interface Replayed {
  letter: DeadLetterSummary
  outcome: string
  detail: string
}

/** The letters to show: those of the page, and between them the replayed ones that are open no longer, newest first. */
export function withReplayed(
  letters: readonly DeadLetterSummary[],
  replayed: ReadonlyMap<string, Replayed>,
): DeadLetterSummary[] {
  const listed = new Set(letters.map(({ id }) => id))
  const gone = [...replayed.values()].map(({ letter }) => letter).filter(({ id }) => !listed.has(id))
  return [...letters, ...gone].sort((a, b) => order(b, a))
}

const order = (a: DeadLetterSummary, b: DeadLetterSummary): number =>
  a.firstSeen === b.firstSeen ? compare(a.id, b.id) : compare(a.firstSeen, b.firstSeen)

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
