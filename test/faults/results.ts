import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ControlResult, Result } from './report.ts'
import { BUSES, type BusName } from './row.ts'

const FILE = 'test/faults/RESULTS.md'
const HEAD = [
  '# Results of the fault suite',
  '',
  'The last run of each row by the figures of the catalogue: `npm run faults -- --profile full` writes what it has run, and leaves',
  'the rest.',
  '',
  '| row | bus | seed | passed | date | commit | s | events | faults | redeliveries | lost | dup | forged | both | ends | criteria |',
  '|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|',
]

/** A row as it was recorded, with its line. */
export interface Recorded {
  id: string
  bus: BusName
  seed: number
  passed: boolean
  line: string
}

/** Writes what a full run came to in the place of what is recorded of the same rows and controls. */
export function writeResults(root: string, results: Result[], controls: ControlResult[]): void {
  const when = { date: new Date().toISOString().slice(0, 10), commit: commitOf(root) }
  const ran = new Set(results.map(({ row, bus }) => `${row.id} ${bus}`))
  const kept = existsSync(join(root, FILE)) ? readResults(root) : []
  const lines = [
    ...kept.filter(({ id, bus }) => !ran.has(`${id} ${bus}`)),
    ...parse(results.map((result) => lineOf(result, when)).join('\n')),
  ].toSorted((a, b) => orderOf(a) - orderOf(b) || a.id.localeCompare(b.id) || a.seed - b.seed)
  const last =
    controls.length > 0 ? controls.map(({ line }) => `- ${line} (${when.date}, ${when.commit})`) : oldControls(root)
  writeFileSync(join(root, FILE), [...HEAD, ...lines.map(({ line }) => line), '', ...last, ''].join('\n'))
}

/** The rows of the last full runs. */
export function readResults(root: string): Recorded[] {
  const file = join(root, FILE)
  if (!existsSync(file)) throw new Error(`there is no ${FILE}: npm run faults -- --profile full writes it`)
  return parse(readFileSync(file, 'utf8'))
}

const parse = (text: string): Recorded[] =>
  [...text.matchAll(/^\| (\w\d+\w?) \| (\w+) \| (\d+) \| (yes|NO) \|.*$/gm)].map(
    ([line, id = '', bus = '', seed, passed]) => ({
      id,
      bus: bus as BusName,
      seed: Number(seed),
      passed: passed === 'yes',
      line,
    }),
  )

const oldControls = (root: string): string[] =>
  existsSync(join(root, FILE)) ? (readFileSync(join(root, FILE), 'utf8').match(/^- control .*$/gm) ?? []) : []

const orderOf = ({ bus }: Recorded): number => BUSES.indexOf(bus)

function commitOf(root: string): string {
  const git = (...args: string[]) => execFileSync('git', args, { cwd: root }).toString().trim()
  const changed = git('status', '--porcelain', '--untracked-files=no', '--', '.', `:!${FILE}`) !== ''
  return `${git('rev-parse', '--short', 'HEAD')}${changed ? ' with changes' : ''}`
}

function lineOf(
  { row, bus, seed, seconds, verdict, faults }: Result,
  { date, commit }: Record<'date' | 'commit', string>,
) {
  const { events, fired, redeliveries = '-', counts, criteria, notes = [] } = verdict
  const { lost = '-', dup = '-', forged = '-', both = '-' } = counts ?? {}
  const ends = counts === undefined ? '-' : counts.atEnds ? '=' : '≠'
  const measured = [...criteria, ...notes]
    .map(({ what, value }) => `${what}: ${value}`.replaceAll('|', '/').split('\n')[0])
    .join('; ')
  const passed = faults.length === 0 ? 'yes' : 'NO'
  const cells = [row.id, bus, seed, passed, date, commit, Math.round(seconds), events, fired]
  return `| ${[...cells, redeliveries, lost, dup, forged, both, ends, measured].join(' | ')} |`
}
