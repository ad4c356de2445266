import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../ports.ts'
import { openDay } from './day.ts'
import { liveDay } from './live-day.ts'
import { readOptions } from './options.ts'
import { planDay } from './plan.ts'
import { report } from './report.ts'
import { openRuntime, type Runtime } from './runtime.ts'
import { stackText } from './stack.ts'

const print = (line: string) => void process.stdout.write(`${line}\n`)

async function main(): Promise<boolean> {
  const options = readOptions(process.argv.slice(2))
  const folder = mkdtempSync(join(tmpdir(), 'junction-e2e-'))
  // As root PostgreSQL runs as another user, who must be able to walk to its folder.
  chmodSync(folder, 0o711)
  const day = await openDay(options.day, options.seed, options.copies, options.windows)
  const plan = planDay(day, options.seed)
  const orders = join(folder, 'orders')
  mkdirSync(orders)
  const order = join(orders, 'die-after-commit')
  const stack = join(folder, 'stack.yml')
  writeFileSync(stack, stackText(options.control ? `counting-${options.control}` : 'counting', orders))
  writeFileSync(join(folder, 'network.geojson'), JSON.stringify(day.network))
  print(
    `day ${options.day}, seed ${options.seed}: ${day.network.features.length} segments × ${day.steps.length} windows, in ${folder}`,
  )
  const runtime = openRuntime({
    folder,
    port: await freePort(),
    args: ['--stack', stack, '--from', plan.clock(0).toISOString(), '--speed', '0'],
  })
  try {
    await prepare(runtime, folder)
    const outcome = await liveDay({ folder, day, plan, runtime, order, options }, print)
    const code = await runtime.stop()
    if (code !== 0) print(`Ctrl-C ended the runtime with ${code}`)
    const passed = report(outcome, options, print) && code === 0
    if (passed && !options.keep) rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
    else print(`kept: ${folder}`)
    return passed
  } finally {
    if (runtime.alive()) await runtime.crash()
  }
}

async function prepare(runtime: Runtime, folder: string): Promise<void> {
  await runtime.start()
  // It answers before it is there for commands.
  await runtime.retried(async () => runtime.command('network', 'load', join(folder, 'network.geojson')))
  await runtime.retried((database) =>
    database.query(`create table if not exists counted (id text, topic text, partition int, "offset" bigint);
      create table if not exists redelivered (at timestamptz default now())`),
  )
}

process.exit((await main()) ? 0 : 1)
