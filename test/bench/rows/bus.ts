import type { Bus, BusEvent } from '#shared/bus/port.ts'
import { kafka } from '../buses/kafka.ts'
import { nats } from '../buses/nats.ts'
import { type BusBeside, type BusName, runsOf, TOPIC } from '../buses/port.ts'
import { percentile } from '../percentile.ts'
import { acceptedEvents } from '../readings.ts'
import type { Figure, Row } from '../row.ts'

const DETECTORS = 1_000
const ROUNDS = 20
const TIMES = 5
/** As a connector reads. */
const LIMITS = { events: 500, bytes: 1 << 20 }
const AIM = { of: 'ratio', atLeast: 0.8 } as const

/** Each driver against the client library that it is made of. */
export const buses: Row[] = [kafka, nats].map(rowOf)

function rowOf({ name, open }: BusName): Row {
  return {
    name: `bus-${name}`,
    what: `${DETECTORS * ROUNDS} readings published and read on ${name}, ${TIMES} times in turn with the bare library`,
    async measure() {
      const beside = await open()
      try {
        return await compare(beside)
      } finally {
        await beside.close()
      }
    },
  }
}

async function compare({ bus, publish, read }: BusBeside): Promise<Figure[]> {
  const events = acceptedEvents(DETECTORS, ROUNDS, 6_000)
  const rates = { mine: [] as number[], bare: [] as number[] }
  for (let time = 0; time < TIMES; time++) {
    // Every time other events: a bus may know those it has.
    const fresh = events.map((event) => ({ ...event, id: `${event.id}#${time}` }))
    rates.bare.push(await rate(events.length, () => publish(fresh)))
    rates.mine.push(await rate(events.length, () => append(bus, fresh)))
  }
  const stored = TIMES * events.length
  const bareRead = await rate(stored, () => read(stored))
  const ourRead = await rate(stored, () => readAll(bus, stored))
  const figure = (name: string, value: number, bare: number): Figure => ({
    ...{ name, value, unit: 'events/s', reference: { name: 'the bare library', value: bare }, aim: AIM },
  })
  return [figure('publish', percentile(rates.mine, 50), percentile(rates.bare, 50)), figure('read', ourRead, bareRead)]
}

async function append(bus: Bus, events: BusEvent[]): Promise<void> {
  for (const run of runsOf(events)) await bus.append(run)
}

/** Reads every partition, side by side, as the lanes of a consumer do. */
async function readAll(bus: Bus, count: number): Promise<void> {
  const assignment = await bus.assign('bench', [TOPIC.topic], () => {})
  let left = count
  const readOne = async (partition: number) => {
    for (let offset = await bus.earliest(TOPIC.topic, partition); left > 0; ) {
      const { events, next } = await assignment.read({ topic: TOPIC.topic, partition, offset }, LIMITS)
      offset = next
      left -= events.length
    }
  }
  await Promise.all(Array.from({ length: TOPIC.partitions }, (_, partition) => readOne(partition)))
  await assignment.release()
}

async function rate(count: number, work: () => Promise<void>): Promise<number> {
  const began = performance.now()
  await work()
  return (count * 1_000) / (performance.now() - began)
}
