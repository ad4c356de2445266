import { createHash } from 'node:crypto'
import { keyOf } from '../stack/key.ts'
import type { StackFunction } from '../stack/types.ts'
import type { DeploymentState, Revision } from './types.ts'

/** A function as its deployments left it. */
export interface Entry extends DeploymentState {
  /** The hash of what stack.yml said when it was changed, null where it said nothing. */
  stack: string | null
  /** Whether the API changed it: the rest is stack.yml's and not kept. */
  changed: boolean
  removed: boolean
  /** Oldest first. */
  revisions: Revision[]
}

const KEPT = 10

/** A definition as one short text, the same in whatever order its maps were written. */
export const hashOf = (definition: StackFunction): string =>
  createHash('sha256').update(JSON.stringify(definition, sorted)).digest('base64url')

const sorted = (_key: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    : value

/** The revision of that number. */
export const revisionOf = ({ revisions }: Entry, number: number): Revision | undefined =>
  revisions.find((one) => one.number === number)

/** What is wanted of a function. */
export const wantedOf = (entry: Entry): StackFunction => definitionIn(entry, entry.revision)

/** What takes its calls. */
export const servingOf = (entry: Entry): StackFunction => definitionIn(entry, entry.serving)

const definitionIn = (entry: Entry, number: number): StackFunction => {
  const revision = revisionOf(entry, number)
  if (!revision) throw new Error(`revision ${number} is missing`)
  return revision.definition
}

/** A function as stack.yml alone has it. */
export const fromStack = (definition: StackFunction, at: string): Entry => ({
  ...{ stack: hashOf(definition), changed: false, removed: false, createdAt: at },
  ...{ revision: 1, serving: 1, rollout: 'settled' },
  revisions: [{ number: 1, at, definition, served: true }],
})

/** An entry with one more revision, wanted from now on; what serves goes on until that one does. */
export const withRevision = (
  entry: Entry | undefined,
  stack: string | null,
  definition: StackFunction,
  at: string,
): Entry => {
  const known = entry?.revisions ?? []
  const number = (known.at(-1)?.number ?? 0) + 1
  const before = entry && !entry.removed ? entry.serving : undefined
  const serving = before ?? number
  const revisions = [...known, { number, at, definition, served: false, before }]
  return {
    ...{ stack, changed: true, removed: false, createdAt: at, revision: number, serving, rollout: 'rolling' },
    revisions: revisions.filter((one, i) => i >= revisions.length - KEPT || one.number === serving),
  }
}

/**
 * What there is at a start: what the API changed stands as long as stack.yml says of it what it said then; else stack.yml
 * has the last word.
 */
export const merge = (saved: Map<string, Entry>, stack: StackFunction[], at: string): Map<string, Entry> => {
  const merged = new Map<string, Entry>()
  for (const definition of stack) {
    const key = keyOf(definition)
    const entry = saved.get(key)
    if (!entry) merged.set(key, fromStack(definition, at))
    else if (entry.stack === hashOf(definition)) merged.set(key, entry)
    else {
      const anew = withRevision(entry, hashOf(definition), definition, at)
      merged.set(key, settled(anew, anew.revision))
    }
  }
  for (const [key, entry] of saved) if (!merged.has(key) && entry.stack === null) merged.set(key, entry)
  return merged
}

/** An entry whose revision of that number takes the calls; it is settled if that is the wanted one. */
export const settled = (entry: Entry, number: number): Entry => ({
  ...entry,
  serving: number,
  rollout: entry.revision === number ? 'settled' : entry.rollout,
  fault: undefined,
  revisions: entry.revisions.map((one) => (one.number === number ? { ...one, served: true } : one)),
})

/** Where a rollback leads: to what still serves, or else to what served before it. */
export const previousOf = (entry: Entry): Revision | undefined => {
  if (entry.serving !== entry.revision) return revisionOf(entry, entry.serving)
  let at = revisionOf(entry, entry.serving)
  do at = at?.before === undefined ? undefined : revisionOf(entry, at.before)
  while (at && !at.served)
  return at
}
