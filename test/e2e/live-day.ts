import { join } from 'node:path'
import type { Day } from './day.ts'
import { type KillCounts, planKills } from './kills.ts'
import { openLedger } from './ledger.ts'
import { writePoison } from './log-poison.ts'
import type { Options } from './options.ts'
import type { OracleReading } from './oracle.ts'
import type { Delivery, Plan } from './plan.ts'
import { seeded } from './random.ts'
import { atRest } from './rest.ts'
import type { Runtime } from './runtime.ts'
import { openSender, type Sender } from './sender.ts'
import { judge, type Verdict } from './verdict.ts'

const MINUTE = 60_000
const KMH_A_MPH = 1.609344
const CONSUMERS = ['detect-congestion', 'counting']

/** What a day came to. */
export interface Outcome {
  verdict: Verdict
  landed: KillCounts
  sent: Sender['counts']
  seconds: number
}

/** Lives a day through, step by step of the city clock, while kills land; judges what it left behind. */
export async function liveDay(
  { folder, day, plan, runtime, order, options }: LiveDay,
  print: (line: string) => void,
): Promise<Outcome> {
  const random = seeded(options.seed + 1)
  const ledger = openLedger(join(folder, 'ledger'))
  const sender = openSender(() => runtime.url, random)
  const killer = planKills(options.wanted, plan.steps.length, random, runtime, order)
  const accepted: OracleReading[] = []
  const malformedOnLog = new Set<string>()
  const began = performance.now()

  for (const [step, deliveries] of plan.steps.entries()) {
    const now = plan.clock(step)
    await setClock(runtime, now)
    const readings = deliveries.flatMap((one) => (one.kind === 'reading' ? [one.reading] : []))
    const poison = deliveries.flatMap((one) => (one.kind === 'malformed-log' ? [one] : []))
    for (const { id } of poison) malformedOnLog.add(id)
    ledger.write(readings.map(idOf))
    await killer.during(step, () => Promise.all([sender.send(deliveries), writePoison(runtime, poison, random)]))
    accepted.push(...readings.map((reading) => received(reading, now)))
    if (step % 24 === 23) print(progress(step, plan, sender, killer.landed))
  }
  const cityNow = new Date(plan.clock(plan.steps.length).getTime() + 120 * MINUTE)
  await setClock(runtime, cityNow)
  await atRest(runtime, CONSUMERS)
  ledger.close()

  const verdict = await runtime.retried((database) =>
    judge(database, {
      accepted,
      ledger: ledger.ids,
      malformedOnLog,
      consumers: CONSUMERS,
      network: day.network.features.map(({ properties }) => properties),
      cityNow,
      windowMs: 5 * MINUTE,
      lateAfterMs: 15 * MINUTE,
    }),
  )
  return { verdict, landed: killer.landed, sent: sender.counts, seconds: (performance.now() - began) / 1000 }
}

/** A day, where it is lived, and how. */
export interface LiveDay {
  folder: string
  day: Day
  plan: Plan
  runtime: Runtime
  /** The file that orders a counting process to die. */
  order: string
  options: Options
}

const progress = (step: number, plan: Plan, { counts }: Sender, { functions, runtimes, postgres }: KillCounts) =>
  `  step ${step + 1}/${plan.steps.length}: ${counts.readings} readings accepted; killed ${functions} functions, ${runtimes} runtimes, ${postgres} PostgreSQL`

const setClock = (runtime: Runtime, now: Date) =>
  runtime.retried((database) => database.query('update city_clock set city = $1, real = clock_timestamp()', [now]))

type SentReading = Extract<Delivery, { kind: 'reading' }>['reading']

const idOf = ({ device, observedAt, seq }: SentReading) =>
  `${device}@${new Date(observedAt).toISOString()}${seq === undefined ? '' : `#${seq}`}`

function received({ device, observedAt, seq, measures, units }: SentReading, now: Date): OracleReading {
  const speed = units?.speed === 'HM' ? Number(measures.speed) * KMH_A_MPH : measures.speed
  const { count, occupancy } = measures
  return { device, observedAt, receivedAt: now.toISOString(), seq, speed, count, occupancy }
}
