import { projectRoot } from '#runtime/project.ts'
import { CONTROLS } from './controls.ts'
import { type Options, readOptions } from './options.ts'
import { faultsOf, type Result, reportLines } from './report.ts'
import { BUSES, type BusName, type Row, type Verdict } from './row.ts'
import { rows } from './rows/index.ts'
import { type Server, startServer } from './server.ts'
import { openStage } from './stage.ts'

const print = (line: string) => void process.stdout.write(`${line}\n`)
const progress = (line: string) => print(`     … ${line}`)

/** Runs rows one after the other on one PostgreSQL, started when the first needs it. */
function openRunner(options: Options) {
  const root = projectRoot()
  let server: Promise<Server> | undefined
  return {
    async run(row: Row, bus: BusName, seed: number, broken?: string): Promise<Verdict> {
      const opened = openStage({
        ...{ root, id: row.id, bus, seed, broken, profile: options.profile, keep: options.keep, say: progress },
        server: () => {
          server ??= startServer(root)
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

async function runRow(runner: Runner, row: Row, bus: BusName, seed: number): Promise<Result> {
  const began = performance.now()
  const verdict = await runner.run(row, bus, seed).catch(
    (error: Error): Verdict => ({
      events: 0,
      fired: 0,
      criteria: [{ what: 'the row runs to its end', value: String(error.stack ?? error), ok: false }],
    }),
  )
  const seconds = (performance.now() - began) / 1000
  const result: Result = { row, bus, seed, seconds, verdict, faults: faultsOf(row, verdict) }
  for (const line of reportLines(result)) print(line)
  return result
}

async function runControl(runner: Runner, name: keyof typeof CONTROLS, bus: BusName, seed: number): Promise<boolean> {
  const { broken, row, seen, what } = CONTROLS[name]
  const { counts } = await runner.run(row, bus, seed, broken)
  const caught = counts !== undefined && seen(counts)
  print(
    `${caught ? 'ok  ' : 'FAIL'} control ${name} in ${row.id} ${bus}: lost ${counts?.lost}, dup ${counts?.dup} (${what}): ` +
      (caught ? 'caught' : 'NOT caught: this check sees nothing'),
  )
  return caught
}

function plan({ only, bus }: Options): { row: Row; bus: BusName }[] {
  const unknown = only?.find((id) => !rows.some((row) => row.id === id))
  if (unknown !== undefined) throw new Error(`no row ${unknown}: there are ${rows.map(({ id }) => id).join(', ')}`)
  return rows
    .filter(({ id }) => only?.includes(id) ?? true)
    .flatMap((row) => row.buses.map((one) => ({ row, bus: one })))
    .filter((cell) => bus === undefined || cell.bus === bus)
    .toSorted((a, b) => BUSES.indexOf(a.bus) - BUSES.indexOf(b.bus))
}

async function main(): Promise<boolean> {
  const options = readOptions(process.argv.slice(2))
  const runner = openRunner(options)
  const began = performance.now()
  try {
    if (options.control) return await runControl(runner, options.control, options.bus ?? 'postgres', options.seed)
    const results: Result[] = []
    for (let seed = options.seed; seed < options.seed + options.seeds; seed++) {
      for (const { row, bus } of plan(options)) results.push(await runRow(runner, row, bus, seed))
    }
    const failed = results.filter(({ faults }) => faults.length > 0)
    const minutes = ((performance.now() - began) / 60_000).toFixed(1)
    print(`${results.length - failed.length} passed, ${failed.length} failed in ${minutes} min`)
    return failed.length === 0 && results.length > 0
  } finally {
    await runner.end()
  }
}

main().then(
  (passed) => process.exit(passed ? 0 : 1),
  (error) => {
    process.stderr.write(`${error.stack ?? error}\n`)
    process.exit(1)
  },
)
