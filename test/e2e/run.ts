import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { freePort } from '../ports.ts'
import { openDay } from './day.ts'
import { type KillCounts, planKills } from './kills.ts'
import { openLedger } from './ledger.ts'
import { writePoison } from './log-poison.ts'
import type { OracleReading } from './oracle.ts'
import { type Delivery, planDay } from './plan.ts'
import { seeded } from './random.ts'
import { atRest } from './rest.ts'
import { openRuntime, type Runtime } from './runtime.ts'
import { openSender } from './sender.ts'
import { stackText } from './stack.ts'
import { judge, type Verdict } from './verdict.ts'

const MINUTE = 60_000
const KMH_A_MPH = 1.609344
const CONSUMERS = ['detect-congestion', 'counting']

const { values: options } = parseArgs({
  options: {
    day: { type: 'string', default: 'demo' },
    seed: { type: 'string', default: '1' },
    kills: { type: 'string', default: '30' },
    control: { type: 'string' },
    short: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
  },
})

const seed = Number(options.seed)
const kills = Number(options.kills)
const wanted: KillCounts = options.short
  ? { functions: 6, afterEffect: 2, runtimes: 1, postgres: 1 }
  : {
      functions: kills,
      afterEffect: Math.max(5, kills >> 2),
      runtimes: Math.max(5, kills / 6),
      postgres: Math.max(3, kills / 10),
    }

async function main(): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), 'junction-e2e-'))
  const day = await openDay(options.day, seed, options.short ? 80 : 240, options.short ? 48 : 288)
  const plan = planDay(day, seed)
  const random = seeded(seed + 1)
  const order = join(folder, 'die')
  const stack = join(folder, 'stack.yml')
  writeFileSync(stack, stackText(options.control ? `counting-${options.control}` : 'counting', order))
  writeFileSync(join(folder, 'network.geojson'), JSON.stringify(day.network))
  const runtime = openRuntime({
    folder,
    port: await freePort(),
    args: ['--stack', stack, '--from', plan.clock(0).toISOString(), '--speed', '0'],
    env: {},
  })
  print(
    `day ${options.day}, seed ${seed}: ${day.network.features.length} segments × ${day.steps.length} windows, in ${folder}`,
  )
  await prepare(runtime, folder)

  const ledger = openLedger(join(folder, 'ledger'))
  const sender = openSender(() => runtime.url, random)
  const killer = planKills(wanted, plan.steps.length, random, runtime, order)
  const accepted: OracleReading[] = []
  const malformedOnLog = new Set<string>()
  const began = Date.now()
  for (const [step, deliveries] of plan.steps.entries()) {
    const now = plan.clock(step)
    await setClock(runtime, now)
    ledger.write(deliveries.flatMap((one) => (one.kind === 'reading' ? [idOf(one.reading)] : [])))
    const poison = deliveries.flatMap((one) => (one.kind === 'malformed-log' ? [one] : []))
    for (const { id } of poison) malformedOnLog.add(id)
    await killer.during(step, Promise.all([sender.send(deliveries), writePoison(runtime, poison, random)]))
    accepted.push(...deliveries.flatMap((one) => (one.kind === 'reading' ? [received(one.reading, now)] : [])))
    if (step % 24 === 23)
      print(
        `  step ${step + 1}/${plan.steps.length}: ${sender.counts.readings} readings accepted, ${JSON.stringify(killer.landed)}`,
      )
  }
  await killer.rest()
  const end = new Date(plan.clock(plan.steps.length).getTime() + 120 * MINUTE)
  await setClock(runtime, end)
  await atRest(runtime, CONSUMERS)
  const seconds = (Date.now() - began) / 1000
  print(
    `${sender.counts.readings} readings accepted, ${sender.counts.refused} malformed refused, ${malformedOnLog.size} on the log, ${sender.counts.retries} retries, ${seconds.toFixed(0)} s`,
  )

  const verdict = await runtime.retried((database) =>
    judge(database, {
      accepted,
      ledger: ledger.ids,
      malformedOnLog,
      consumers: CONSUMERS,
      network: day.network.features.map(({ properties }) => ({
        segment: properties.segment,
        devices: properties.devices,
        freeFlowKmh: properties.freeFlowKmh,
      })),
      cityNow: end,
      windowMs: 5 * MINUTE,
      lateAfterMs: 15 * MINUTE,
    }),
  )
  const code = await runtime.stop()
  ledger.close()
  const passed = report(verdict, killer.landed, code)
  if (passed && !options.keep) rmSync(folder, { recursive: true, force: true })
  else print(`kept: ${folder}`)
  return passed
}

async function prepare(runtime: Runtime, folder: string): Promise<void> {
  await runtime.start()
  runtime.command('network', 'load', join(folder, 'network.geojson'))
  await runtime.retried((database) =>
    database.query(`create table if not exists counted (id text, topic text, partition int, "offset" bigint);
      create table if not exists redelivered (at timestamptz default now())`),
  )
}

const setClock = (runtime: Runtime, now: Date) =>
  runtime.retried((database) => database.query('update city_clock set city = $1, real = clock_timestamp()', [now]))

type SentReading = Extract<Delivery, { kind: 'reading' }>['reading']

const idOf = ({ device, observedAt, seq }: SentReading) =>
  `${device}@${new Date(observedAt).toISOString()}${seq === undefined ? '' : `#${seq}`}`

function received({ device, observedAt, seq, measures, units }: SentReading, now: Date): OracleReading {
  const speed = units?.speed === 'HM' ? Number(measures.speed) * KMH_A_MPH : measures.speed
  return {
    device,
    observedAt,
    receivedAt: now.toISOString(),
    seq,
    speed,
    count: measures.count,
    occupancy: measures.occupancy,
  }
}

function report(verdict: Verdict, landed: KillCounts, exitCode: number | null): boolean {
  const { states, wrongStates, lost, dup, forged, redeliveries, deadLetters, wrongDeadLetters } = verdict
  print(
    `kills: ${landed.functions} functions (${landed.afterEffect} between effect and answer), ${landed.runtimes} runtimes, ${landed.postgres} PostgreSQL`,
  )
  print(`states ${states}, wrong ${wrongStates.length}; dead letters ${deadLetters}, wrong ${wrongDeadLetters.length}`)
  print(`redeliveries ${redeliveries}, lost ${lost}, dup ${dup}, forged ${forged}`)
  for (const fault of [...wrongStates.slice(0, 10), ...wrongDeadLetters.slice(0, 10)]) print(`  ${fault}`)
  if (options.control) {
    const caught = lost > 0 || dup > 0
    print(
      caught ? `control ${options.control}: caught` : `control ${options.control}: NOT caught, this check sees nothing`,
    )
    return caught
  }
  const enough = landed.functions >= wanted.functions && landed.afterEffect >= wanted.afterEffect && redeliveries > 0
  if (!enough) print('too few kills landed, or none showed as a redelivery')
  if (exitCode !== 0) print(`Ctrl-C ended the runtime with ${exitCode}`)
  const clean = lost + dup + forged + wrongStates.length + wrongDeadLetters.length === 0
  return clean && enough && exitCode === 0
}

const print = (line: string) => process.stdout.write(`${line}\n`)

process.exit((await main()) ? 0 : 1)
