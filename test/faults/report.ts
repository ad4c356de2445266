import type { BusName, Row, Verdict } from './row.ts'

/** A row run once, and whether it is as promised. */
export interface Result {
  row: Row
  bus: BusName
  seed: number
  seconds: number
  verdict: Verdict
  faults: string[]
}

/** A negative control in a line, and whether its row saw what was broken. */
export interface ControlResult {
  caught: boolean
  line: string
}

/** What is not as it must be; empty where all is well. */
export function faultsOf(row: Row, { fired, redeliveries, counts, criteria }: Verdict): string[] {
  const faults = criteria.filter(({ ok }) => !ok).map(({ what, value }) => `${what}: ${value}`)
  if (fired < 1) faults.push('no fault was fired: nothing was tested')
  if (row.needs.includes('redeliveries') && !((redeliveries ?? 0) > 0)) faults.push('nothing was delivered again')
  if (counts === undefined) return faults
  for (const name of ['lost', 'dup', 'forged', 'both'] as const) {
    if (counts[name] !== 0) faults.push(`${name} ${counts[name]}`)
  }
  if (!counts.atEnds) faults.push('positions are not at the ends')
  return faults
}

/** The result in lines. */
export function reportLines({ row, bus, seed, seconds, verdict, faults }: Result): string[] {
  const { events, fired, redeliveries, counts, criteria, notes = [] } = verdict
  const delivered = counts
    ? `lost ${counts.lost}, dup ${counts.dup}, forged ${counts.forged}, both ${counts.both}, positions ${counts.atEnds ? '=' : '≠'} ends`
    : 'nothing is delivered'
  return [
    `${faults.length === 0 ? 'ok  ' : 'FAIL'} ${row.id} ${bus}: ${row.what} (${seconds.toFixed(1)} s, seed ${seed})`,
    `     events ${events}, faults fired ${fired}, redeliveries ${redeliveries ?? '-'}, ${delivered}`,
    ...criteria.map(({ what, value, ok }) => `     ${ok ? '✓' : '✗'} ${what}: ${value}`),
    ...notes.map(({ what, value }) => `     · ${what}: ${value}`),
    ...faults.map((fault) => `     → ${fault}`),
  ]
}
