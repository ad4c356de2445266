import { setTimeout as delay } from 'node:timers/promises'
import type { Bus } from '#shared/bus/port.ts'
import { postgresBus } from '#shared/bus/postgres.ts'
import type { Bench, World } from '../bench.ts'
import { kafka } from '../buses/kafka.ts'
import { nats } from '../buses/nats.ts'
import { runsOf, TOPIC } from '../buses/port.ts'
import { percentile } from '../percentile.ts'
import { acceptedRounds } from '../readings.ts'
import type { Figure, Row } from '../row.ts'
import { memoryOf, processGroups } from '../usage.ts'

const DETECTORS = 10_000
/** All within LATE_AFTER, in three windows. */
const ROUNDS = 100
const EVERY_MS = 6_000
const EVENTS = DETECTORS * ROUNDS
const LOOK_MS = 500
/** Longer than any pause of a consumer that still works. */
const STALLED_MS = 120_000
const MEASURED = ['gateway and connector', 'detect-congestion']

/** What lies on a bus before anybody reads it, and how the runtime finds that bus. */
interface Filled {
  bus(world: World): Bus
  settings: Record<string, string>
  fill(world: World): Promise<void>
  close(): Promise<void>
}

/** A million readings through each bus: how fast they become states, and whether memory stays. */
export const sustained: Row[] = [
  rowOf('postgres', async () => ({
    bus: ({ database }) => postgresBus(database),
    settings: {},
    fill: ({ database }) => append(postgresBus(database)),
    close: async () => {},
  })),
  ...[kafka, nats].map(({ name, open }) =>
    rowOf(name, async () => {
      const { bus, url, close } = await open()
      return { bus: () => bus, settings: { BUS_URL: url }, fill: () => append(bus), close }
    }),
  ),
]

function rowOf(name: string, open: () => Promise<Filled>): Row {
  return {
    name: `sustained-${name}`,
    what: `${EVENTS} readings on ${name} before detect-congestion is deployed, until its position is their end`,
    async measure(bench) {
      const filled = await open()
      try {
        return await measure(bench, filled)
      } finally {
        await filled.close()
      }
    },
  }
}

async function measure(bench: Bench, { bus, settings, fill }: Filled): Promise<Figure[]> {
  // It makes the database and the topics.
  const first = await bench.start('ingest', settings)
  await fill(first)
  await first.stop()
  const world = await bench.start('whole', settings)
  const looks = await watch(world, bus(world))
  const rate = rateOf(looks)
  const quarter = (nth: number, name: string) =>
    percentile(
      looks.filter(({ done }) => done > (nth - 1) / 4 && done <= nth / 4).map(({ memory }) => memory.get(name) ?? 0),
      50,
    )
  return [
    { name: 'topic → states', value: rate, unit: 'readings/s' },
    ...MEASURED.map(
      (name): Figure => ({
        ...{ name: `memory of ${name}, last quarter`, unit: 'MB', value: quarter(4, name) },
        reference: { name: 'second quarter', value: quarter(2, name) },
        aim: { of: 'ratio', atMost: 1.05 },
      }),
    ),
  ]
}

interface Look {
  /** Milliseconds of this process. */
  at: number
  /** The share of the events that is done, 0 to 1. */
  done: number
  memory: Map<string, number>
}

/** Looks at positions and memory until all is done. */
async function watch({ database, pid }: World, bus: Bus): Promise<Look[]> {
  const partitions = Array.from({ length: TOPIC.partitions }, (_, partition) => partition)
  const starts = await Promise.all(partitions.map((partition) => bus.earliest(TOPIC.topic, partition)))
  const start = Number(starts.reduce((sum, one) => sum + one, 0n))
  const ends = await bus.ends([TOPIC.topic])
  const end = Number(ends.reduce((sum, one) => sum + one.end, 0n))
  const looks: Look[] = []
  let movedAt = performance.now()
  for (let done = 0; done < 1; await delay(LOOK_MS)) {
    if (performance.now() - movedAt > STALLED_MS)
      throw new Error(
        `detect-congestion stands at ${(100 * done).toFixed(1)} % of ${EVENTS} events: nothing moved for 120 s`,
      )
    const { rows } = await database.query<{ at: string; partitions: number }>(
      `select coalesce(sum(next), 0) as at, count(*)::int as partitions from position
       where consumer = 'detect-congestion' and topic = $1`,
      [TOPIC.topic],
    )
    if (rows[0]?.partitions !== TOPIC.partitions) continue
    const moved = (Number(rows[0].at) - start) / (end - start)
    if (moved !== done) movedAt = performance.now()
    done = moved
    const groups = processGroups(pid)
    const memory = MEASURED.map((name): [string, number] => {
      const pids = groups.get(name) ?? []
      return [name, pids.reduce((sum, one) => sum + memoryOf(one).now, 0)]
    })
    looks.push({ at: performance.now(), done, memory: new Map(memory) })
  }
  return looks
}

/** From the first look that saw something done to the last. */
function rateOf(looks: Look[]): number {
  const first = looks.find(({ done }) => done > 0) as Look
  const last = looks.at(-1) as Look
  return (EVENTS * (last.done - first.done) * 1_000) / (last.at - first.at)
}

async function append(bus: Bus): Promise<void> {
  for (const events of acceptedRounds(DETECTORS, ROUNDS, EVERY_MS))
    for (const run of runsOf(events)) await bus.append(run)
}
