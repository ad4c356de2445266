import type { Counts, Row } from './row.ts'
import { deadLettersDown } from './rows/dead-letters-down.ts'
import { t06 } from './rows/t06.ts'
import { t07 } from './rows/t07.ts'
import { t13 } from './rows/t13.ts'

/** A part that is broken on purpose, the row that must see it, and what it must see. */
interface Control {
  /** The variant of the counting function, in test/functions. */
  broken: string
  row: Row
  seen(counts: Counts): boolean
  what: string
}

/** The negative controls: each guarantee switched off, and the row that must see it. */
export const CONTROLS = {
  'position-off': { broken: 'counting-position-off', row: t07, seen: ({ dup }) => dup > 0, what: 'dup > 0' },
  'position-first': { broken: 'counting-position-first', row: t06, seen: ({ lost }) => lost > 0, what: 'lost > 0' },
  'dlq-outside': {
    broken: 'counting-dlq-outside',
    row: deadLettersDown,
    seen: ({ lost }) => lost > 0,
    what: 'lost > 0',
  },
  'once-off': { broken: 'counting-once-off', row: t13, seen: ({ dup }) => dup > 0, what: 'dup > 0' },
} as const satisfies Record<string, Control>

export type ControlName = keyof typeof CONTROLS
