import { projectRoot } from '#runtime/project.ts'
import { CONTROLS, type ControlName } from './controls.ts'
import { inLanes, type Tally } from './lanes.ts'
import { type Options, readOptions } from './options.ts'
import { type ControlResult, faultsOf, type Result, reportLines } from './report.ts'
import { readResults, writeResults } from './results.ts'
import { BUSES, type BusName, type Row, type Verdict } from './row.ts'
import { rows } from './rows/index.ts'
import { type Server, startServer } from './server.ts'
import { openStage } from './stage.ts'

const print = (line: string) => void process.stdout.write(`${line}\n`)

/** Runs rows one after the other on one PostgreSQL, started when the first needs it. */
function openRunner(options: Options) {
  const root = projectRoot()
  let server: Promise<Server> | undefined
  return {
    async run(row: Row, bus: BusName, seed: number, broken?: string): Promise<Verdict> {
      const opened = openStage({
        ...{ root, id: row.id, bus, seed, broken, profile: options.profile, keep: options.keep },
        say: (line) => print(`     … ${row.id} ${bus}: ${line}`),
        server: () => {
          server ??= startServer(root).catch((error) => {
            server = undefined
            throw error
          })
          return server
        },
      })
      try {
        return await row.run(opened.stage)
      } finally {
        await opened.end()
      }
    },
    async end() {
      await (await server)?.end()
    },
  }
}
type Runner = ReturnType<typeof openRunner>

const runToEnd = (runner: Runner, row: Row, bus: BusName, seed: number, broken?: string): Promise<Verdict> =>
  runner.run(row, bus, seed, broken).catch(
    (error: Error): Verdict => ({
      events: 0,
      fired: 0,
      criteria: [{ what: 'the row runs to its end', value: String(error.stack ?? error), ok: false }],
    }),
  )

async function runRow(runner: Runner, row: Row, bus: BusName, seed: number): Promise<Result> {
  const began = performance.now()
  const verdict = await runToEnd(runner, row, bus, seed)
  const seconds = (performance.now() - began) / 1000
  const result: Result = { row, bus, seed, seconds, verdict, faults: faultsOf(row, verdict) }
  for (const line of reportLines(result)) print(line)
  return result
}

/** A control in a line: it is caught where the broken part is seen and the sound one is clean in the same row. */
async function runControl(runner: Runner, name: ControlName, bus: BusName, seed: number): Promise<ControlResult> {
  const { broken, row, seen, what } = CONTROLS[name]
  const { counts } = await runToEnd(runner, row, bus, seed, broken)
  const found = counts !== undefined && seen(counts)
  const sound = faultsOf(row, await runToEnd(runner, row, bus, seed))
  const caught = found && sound.length === 0
  const line =
    `control ${name} in ${row.id} ${bus}: lost ${counts?.lost}, dup ${counts?.dup} (${what}): ` +
    `${found ? 'caught' : 'NOT caught: this check sees nothing'}, the sound part ${sound.join('; ') || 'clean'}`
  print(`${caught ? 'ok  ' : 'FAIL'} ${line}`)
  return { caught, line }
}

/** In ci the brokers run what touches them or the position; the rest is the same code on each bus. */
const CI_ON_BROKERS = ['T01', 'T02', 'T03', 'T04', 'T06', 'T08', 'T19', 'T46', 'T52', 'T60', 'A01', 'A02']

function plan({ only, buses, profile }: Options): { row: Row; bus: BusName }[] {
  const unknown = only?.find((id) => !rows.some((row) => row.id === id))
  if (unknown !== undefined) throw new Error(`no row ${unknown}: there are ${rows.map(({ id }) => id).join(', ')}`)
  const inProfile = ({ row, bus: one }: { row: Row; bus: BusName }) =>
    profile === 'full' || only || one === 'postgres' || one === 'none' || CI_ON_BROKERS.includes(row.id)
  return rows
    .filter(({ id }) => only?.includes(id) ?? true)
    .flatMap((row) => row.buses.map((one) => ({ row, bus: one })))
    .filter((cell) => (buses?.includes(cell.bus) ?? true) && inProfile(cell))
    .toSorted((a, b) => BUSES.indexOf(a.bus) - BUSES.indexOf(b.bus))
}

/** Runs rows of the last full run once more: they must end as they are recorded. */
async function verify(runner: Runner): Promise<boolean> {
  const recorded = readResults(projectRoot())
  const chosen = recorded
    .map((one) => ({ one, order: Math.random() }))
    .toSorted((a, b) => a.order - b.order)
    .slice(0, 3)
  let same = chosen.length === 3
  for (const { one } of chosen) {
    const row = rows.find(({ id }) => id === one.id)
    const bus = BUSES.find((name) => name === one.bus)
    if (row === undefined || bus === undefined) throw new Error(`${one.id} on ${one.bus} is recorded, and gone`)
    const passed = (await runRow(runner, row, bus, one.seed)).faults.length === 0
    print(`${one.id} ${one.bus}: recorded as ${one.passed ? 'passed' : 'failed'}, now ${passed ? 'passed' : 'failed'}`)
    same &&= passed === one.passed
  }
  return same
}

async function suite(runner: Runner, options: Options): Promise<Tally> {
  const began = performance.now()
  // A full run takes hours: what it has come to is kept row by row.
  const record = (results: Result[], controls: ControlResult[]) =>
    options.profile === 'full' && writeResults(projectRoot(), results, controls)
  const results: Result[] = []
  for (let seed = options.seed; seed < options.seed + options.seeds; seed++) {
    for (const { row, bus } of plan(options)) {
      results.push(await runRow(runner, row, bus, seed))
      record(results, [])
    }
  }
  const controls: ControlResult[] = []
  const names = options.only === undefined && (options.buses?.includes('postgres') ?? true) ? Object.keys(CONTROLS) : []
  for (const name of names) controls.push(await runControl(runner, name as ControlName, 'postgres', options.seed))
  record(results, controls)
  const failed = results.filter(({ faults }) => faults.length > 0).length
  const missed = controls.filter(({ caught }) => !caught).length
  if (controls.length > 0) print(`${controls.length - missed} of ${controls.length} controls caught`)
  const passed = results.length - failed + controls.length - missed
  return { passed, failed: failed + missed, minutes: (performance.now() - began) / 60_000 }
}

async function main(): Promise<boolean> {
  const args = process.argv.slice(2)
  const options = readOptions(args)
  const { control, buses, only, profile } = options
  if (profile === 'ci' && !(control ?? buses ?? only)) return judged(await inLanes(args))
  const runner = openRunner(options)
  try {
    if (control) return (await runControl(runner, control, buses?.[0] ?? 'postgres', options.seed)).caught
    if (options.verify) return await verify(runner)
    const tally = await suite(runner, options)
    process.send?.(tally)
    return judged(tally)
  } finally {
    await runner.end()
  }
}

function judged({ passed, failed, minutes }: Tally): boolean {
  print(`${passed} passed, ${failed} failed in ${minutes.toFixed(1)} min`)
  return failed === 0 && passed > 0
}

main().then(
  (passed) => process.exit(passed ? 0 : 1),
  (error) => {
    process.stderr.write(`${error.stack ?? error}\n`)
    process.exit(1)
  },
)
