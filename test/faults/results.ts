import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Result } from './report.ts'

const FILE = 'test/faults/RESULTS.md'

/** A row as it was recorded. */
export interface Recorded {
  id: string
  bus: string
  seed: number
  passed: boolean
}

/** Writes what a full run came to, with date, commit and seeds. */
export function writeResults(root: string, results: Result[], minutes: number): void {
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: root }).toString().trim()
  const failed = results.filter(({ faults }) => faults.length > 0).length
  const lines = [
    '# Results of the fault suite',
    '',
    `\`npm run faults -- --profile full\` on ${new Date().toISOString().slice(0, 10)}, commit ${commit}, ` +
      `${minutes.toFixed(0)} min: ${results.length - failed} passed, ${failed} failed.`,
    '',
    '| row | bus | seed | passed | events | faults | redeliveries | lost | dup | forged | both | ends | criteria |',
    '|---|---|---|---|---|---|---|---|---|---|---|---|---|',
    ...results.map(lineOf),
    '',
  ]
  writeFileSync(join(root, FILE), lines.join('\n'))
}

function lineOf({ row, bus, seed, verdict, faults }: Result): string {
  const { events, fired, redeliveries = '-', counts, criteria, notes = [] } = verdict
  const { lost = '-', dup = '-', forged = '-', both = '-' } = counts ?? {}
  const ends = counts === undefined ? '-' : counts.atEnds ? '=' : '≠'
  const measured = [...criteria, ...notes]
    .map(({ what, value }) => `${what}: ${value}`.replaceAll('|', '/').split('\n')[0])
    .join('; ')
  const passed = faults.length === 0 ? 'yes' : 'NO'
  const cells = [row.id, bus, seed, passed, events, fired, redeliveries, lost, dup, forged, both, ends, measured]
  return `| ${cells.join(' | ')} |`
}

/** The rows of the last full run. */
export function readResults(root: string): Recorded[] {
  const file = join(root, FILE)
  if (!existsSync(file)) throw new Error(`there is no ${FILE}: npm run faults -- --profile full writes it`)
  const text = readFileSync(file, 'utf8')
  return [...text.matchAll(/^\| (T\d+) \| (\w+) \| (\d+) \| (yes|NO) \|/gm)].map(
    ([, id = '', bus = '', seed, passed]) => ({
      ...{ id, bus, seed: Number(seed), passed: passed === 'yes' },
    }),
  )
}
