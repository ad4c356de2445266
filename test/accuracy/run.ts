import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { held } from './held.ts'
import { irregular, type Scenario } from './irregular.ts'
import { shuffled } from './shuffled.ts'

const usage = 'npm run test:accuracy -- [--data DIR] [--control shuffled]'

/** Fifteen days from a Thursday on: a Monday chooses the model, and the test part, the last fifth, is three working days. */
const DEMO = ['--days', '15', '--seed', '1', '--from', '2026-03-05T00:00:00+01:00']
const ALIVE_MS = 15_000

/** Runs `bin/junction` to its end; answers what it printed, and throws where it failed. */
const junction: Scenario['junction'] = (...args) =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['bin/junction', ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
    let printed = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      printed += text
    })
    child.on('error', reject)
    child.on('close', (code) => {
      if (code === 0) resolve(printed)
      else reject(new Error(`junction ${args.join(' ')} ended with ${code}:\n${printed}`))
    })
  })

const main = async (): Promise<void> => {
  const { values } = parseArgs({ options: { data: { type: 'string' }, control: { type: 'string' } } })
  if (values.control !== undefined && values.control !== 'shuffled')
    throw new Error(`--control ${values.control}: it is shuffled\n${usage}`)
  const folder = mkdtempSync(join(tmpdir(), 'junction-accuracy-'))
  try {
    const data = values.data ?? join(folder, 'demo')
    if (values.data === undefined) console.log((await junction('demo', 'export', ...DEMO, '--out', data)).trim())
    if (values.control !== undefined) return control(await shuffled(data))
    // At once: what trains twice leaves a core idle while the other model is made.
    await Promise.all([
      judge(folder, 'held', (scenario) => held(scenario, data)),
      ...(values.data === undefined ? [judge(folder, 'irregular', irregular)] : []),
    ])
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
  }
}

/** Runs a scenario to its end, and prints then what it said. */
const judge = async (folder: string, name: string, run: (scenario: Scenario) => Promise<string[]>): Promise<void> => {
  const began = Date.now()
  const seconds = () => Math.round((Date.now() - began) / 1000)
  const own = join(folder, name)
  mkdirSync(own)
  const said: string[] = []
  const alive = setInterval(() => console.log(`${name}: ${seconds()} s so far`), ALIVE_MS)
  try {
    const faults = await run({ junction, folder: own, say: (line) => said.push(line) })
    console.log([`== ${name}`, ...said, ...faults.map((fault) => `${name} FAILED: ${fault}`)].join('\n'))
    console.log(`${name} ${faults.length === 0 ? 'passed' : 'FAILED'} in ${seconds()} s`)
    if (faults.length > 0) process.exitCode = 1
  } finally {
    clearInterval(alive)
  }
}

/** A model that learned nothing must be found out. */
const control = (faults: readonly string[]): void => {
  for (const fault of faults) console.log(`seen: ${fault}`)
  if (faults.length === 0) process.exitCode = 1
  console.log(
    faults.length === 0
      ? 'the control FAILED: a model of rows out of order passes'
      : `the control fails, as it has to: ${faults.length} faults seen`,
  )
}

main().catch((error: Error) => {
  console.error(error.message)
  process.exit(1)
})
