import { formatInstant } from '#shared/contracts/instant.ts'
import { kindOf } from '#shared/contracts/issue-text.ts'
import type { Mapping } from '#shared/contracts/mapping.ts'

type Epoch = NonNullable<Mapping['epoch']>

const MS: Record<Epoch, number> = { seconds: 1000, milliseconds: 1 }
const LAST = Date.parse('9999-12-31T23:59:59.999Z')

/** The instant that a number since 1970 stands for; undefined where it stands for none that RFC 3339 can write. */
export function instantOf(value: unknown, epoch: Epoch): string | undefined {
  const ms = typeof value === 'number' ? Math.round(value * MS[epoch]) : Number.NaN
  return ms >= 0 && ms <= LAST ? formatInstant(ms) : undefined
}

/** What is wrong with a value that `instantOf` finds no instant in. */
export function epochFault(value: unknown, epoch: Epoch): string {
  const needed = `a number of ${epoch} since 1970`
  if (value === undefined) return `is missing: ${needed} is needed`
  if (typeof value !== 'number') return `must be ${needed}, not ${kindOf(value)}`
  const isMs = epoch === 'seconds' && instantOf(value, 'milliseconds') !== undefined
  return `must be ${needed}${isMs ? '; it looks like milliseconds, which the mapping says in epoch' : ''}`
}
