import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ControlResult, Result } from './report.ts'
import { BUSES, type BusName } from './row.ts'

const FILE = 'test/faults/RESULTS.md'
const INTRO = `# Results of the fault suite

Written by \`npm run faults -- --profile full\`, a section for each bus, replaced when that bus is run again.
`

/** A row as it was recorded. */
export interface Recorded {
  id: string
  bus: string
  seed: number
  passed: boolean
}

/** What a full run of one bus came to. */
export interface BusResults {
  bus: BusName
  results: Result[]
  /** The negative controls that ran with it. */
  controls: ControlResult[]
  minutes: number
}

/** Writes what full runs of buses came to, with date, commit and seeds; the sections of other buses stay. */
export function writeResults(root: string, runs: BusResults[]): void {
  const old = sectionsOf(existsSync(join(root, FILE)) ? readFileSync(join(root, FILE), 'utf8') : '')
  const sections = BUSES.flatMap((bus) => {
    const run = runs.find((one) => one.bus === bus)
    const section = run ? sectionOf(run, commitOf(root)) : old.get(bus)
    return section === undefined ? [] : [section]
  })
  writeFileSync(join(root, FILE), [INTRO, ...sections].join('\n'))
}

function commitOf(root: string): string {
  const git = (...args: string[]) => execFileSync('git', args, { cwd: root }).toString().trim()
  const changed = git('status', '--porcelain', '--untracked-files=no', '--', '.', `:!${FILE}`) !== ''
  return `commit ${git('rev-parse', '--short', 'HEAD')}${changed ? ' with changes' : ''}`
}

function sectionsOf(text: string): Map<string, string> {
  const sections = text.split(/^(?=## )/m).slice(1)
  return new Map(sections.map((section) => [/^## (\w+)/.exec(section)?.[1] ?? '', `${section.trimEnd()}\n`]))
}

function sectionOf({ bus, results, controls, minutes }: BusResults, commit: string): string {
  const failed = results.filter(({ faults }) => faults.length > 0).length
  return [
    `## ${bus}`,
    '',
    `${new Date().toISOString().slice(0, 10)}, ${commit}, ${minutes.toFixed(0)} min: ` +
      `${results.length - failed} passed, ${failed} failed.`,
    '',
    '| row | bus | seed | passed | events | faults | redeliveries | lost | dup | forged | both | ends | criteria |',
    '|---|---|---|---|---|---|---|---|---|---|---|---|---|',
    ...results.map(lineOf),
    '',
    ...controls.map(({ line }) => `- ${line}`),
    ...(controls.length > 0 ? [''] : []),
  ].join('\n')
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

/** The rows of the last full runs. */
export function readResults(root: string): Recorded[] {
  const file = join(root, FILE)
  if (!existsSync(file)) throw new Error(`there is no ${FILE}: npm run faults -- --profile full writes it`)
  const text = readFileSync(file, 'utf8')
  return [...text.matchAll(/^\| (\w\d+) \| (\w+) \| (\d+) \| (yes|NO) \|/gm)].map(
    ([, id = '', bus = '', seed, passed]) => ({
      ...{ id, bus, seed: Number(seed), passed: passed === 'yes' },
    }),
  )
}
