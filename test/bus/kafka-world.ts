import { afterAll, afterEach, beforeAll } from '@jest/globals'
import { type Admin, Kafka, logLevel } from 'kafkajs'
import { pino } from 'pino'
import { type KafkaOptions, kafkaBus } from '#shared/bus/kafka.ts'
import type { Assignment, Bus, BusEvent, LogEvent, Partition, ReadFrom, Slice } from '#shared/bus/port.ts'
import { type KafkaServer, type KafkaOptions as ServerOptions, startKafka } from '#test/servers/kafka.ts'
import { until } from '#test/servers/until.ts'

// Where a test is of no limit, none ends what a busy machine is slow to answer.
const PATIENCE_MS = 30_000

/** A broker of a test file, with what its tests do again and again. */
export interface KafkaWorld {
  readonly server: KafkaServer
  /** A client of the library, for what others do on the same broker. */
  readonly raw: Kafka
  /** A bus that is closed when the file ends. */
  open(options?: Partial<KafkaOptions>): Promise<Bus>
  /** A member that leaves when the test ends, if it has not before. */
  join(bus: Bus, consumer: string, topic: string, positions: TestPositions): Promise<Member>
  /** Work of an administrator of that broker. */
  admin<T>(work: (admin: Admin) => Promise<T>): Promise<T>
  /** A topic of its own. */
  topic(partitions?: number, config?: Record<string, string>): Promise<string>
}

/** Starts the broker before the tests of the file. */
export function kafkaWorld(options?: ServerOptions): KafkaWorld {
  let server: KafkaServer
  let raw: Kafka
  let topics = 0
  const buses: Bus[] = []
  const members = new Set<Member>()
  beforeAll(async () => {
    server = await startKafka(options)
    raw = new Kafka({ brokers: server.brokers, clientId: 'raw', logLevel: logLevel.NOTHING })
  }, 600_000)
  afterEach(async () => {
    await Promise.all([...members].map((member) => member.leave()))
  })
  afterAll(async () => {
    try {
      await Promise.all(buses.map((bus) => bus.close()))
    } finally {
      await server?.stop()
    }
  })
  async function admin<T>(work: (admin: Admin) => Promise<T>): Promise<T> {
    const client = raw.admin()
    await client.connect()
    try {
      return await work(client)
    } finally {
      await client.disconnect()
    }
  }

  return {
    get server() {
      return server
    },
    get raw() {
      return raw
    },
    async open(given = {}) {
      const log = pino({ level: process.env.LOG_LEVEL ?? 'silent' })
      const settings = { requestMs: PATIENCE_MS, ...given.settings }
      const bus = await kafkaBus({ url: server.url, secret: () => undefined, log, ...given, settings })
      buses.push(bus)
      return bus
    },
    async join(bus, consumer, topic, positions) {
      const member = await join(bus, consumer, topic, positions, () => members.delete(member))
      members.add(member)
      return member
    },
    admin,
    async topic(partitions = 1, config = {}) {
      const topic = `test.${process.pid}.${++topics}`
      const configEntries = Object.entries(config).map(([name, value]) => ({ name, value }))
      const plan = { topic, numPartitions: partitions, configEntries }
      await admin(async (one) => {
        // The library waits for a leader, not for the topic to be known, nor for its leader to know of it.
        await one.createTopics({ waitForLeaders: false, topics: [plan] })
        await until(`${topic} is served`, () =>
          one.fetchTopicOffsets(topic).then(
            () => true,
            () => false,
          ),
        )
      })
      return topic
    },
  }
}

/** An event of a test. */
export const eventOf = (topic: string, id: string, partition = 0, data = `{"id":"${id}"}`): BusEvent => ({
  topic,
  partition,
  key: `key-${id}`,
  id,
  type: 'test.v1',
  attributes: { source: '/test' },
  data: Buffer.from(data),
})

/** Everything of a partition from an offset to the end as it is now. */
export async function readAll(bus: Bus, topic: string, from = 0n, partition = 0): Promise<LogEvent[]> {
  const assignment = await assignWhole(bus, `reader-${Math.random()}`, topic)
  const end = (await bus.ends([topic])).find((one) => one.partition === partition)?.end ?? 0n
  const events: LogEvent[] = []
  try {
    const deadline = performance.now() + 2 * PATIENCE_MS
    for (let offset = from; offset < end; ) {
      const slice = await assignment.read({ topic, partition, offset }, LIMITS)
      events.push(...slice.events)
      offset = slice.next
      if (performance.now() > deadline) throw new Error(`${topic} is read to ${offset} and no further, of ${end}`)
    }
  } finally {
    await assignment.release()
  }
  return events
}

/** The first events from there on; a broker that is slow may first answer that nothing has come. */
export const readThere = (reader: Assignment, from: ReadFrom, limits = LIMITS): Promise<Slice> =>
  until('what is there', async () => {
    const slice = await reader.read(from, limits)
    return slice.events.length > 0 && slice
  })

/** What a read may bring in these tests. */
export const LIMITS = { events: 1000, bytes: 1 << 20 }

/** A consumer that has every partition of the topic, as one that is alone gets them sooner or later. */
export async function assignWhole(bus: Bus, consumer: string, topic: string): Promise<Assignment> {
  let share: Partition[] = []
  const assignment = await bus.assign(consumer, [topic], (now) => {
    share = now
  })
  const all = (await bus.ends([topic])).length
  await until(`the whole of ${topic}`, () => share.length === all)
  return assignment
}

/** Positions as PostgreSQL keeps them: moved by compare-and-set, or by whoever comes. */
export interface TestPositions {
  next: Map<number, bigint>
  fenced: boolean
}

/** A member of a consumer as the connector is one. */
export interface Member {
  readonly share: number[]
  /** The ids of what it has moved past, in that order. */
  readonly done: string[]
  readonly faults: unknown[]
  leave(): Promise<void>
}

/** Reads its share from the positions on. */
async function join(
  bus: Bus,
  consumer: string,
  topic: string,
  positions: TestPositions,
  onLeave: () => void,
): Promise<Member> {
  const done: string[] = []
  let share: Partition[] = []
  let left = false
  const loops = new Map<number, Promise<void>>()
  const faults: unknown[] = []
  const serves = (partition: number) => !left && share.some((one) => one.partition === partition)

  async function serve(partition: number): Promise<void> {
    while (serves(partition)) {
      try {
        const offset = positions.next.get(partition) ?? 0n
        const { events, next } = await assignment.read({ topic, partition, offset }, { events: 50, bytes: 1 << 20 })
        if (positions.fenced && (positions.next.get(partition) ?? 0n) !== offset) continue
        positions.next.set(partition, next)
        done.push(...events.map(({ id }) => id))
      } catch (error) {
        faults.push(error)
        await new Promise((resolve) => setTimeout(resolve, 100))
      }
    }
    loops.delete(partition)
  }

  const assignment = await bus.assign(consumer, [topic], (now) => {
    share = now
    setImmediate(() => {
      for (const { partition } of share) if (!loops.has(partition)) loops.set(partition, serve(partition))
    })
  })
  return {
    get share() {
      return share.map(({ partition }) => partition).sort()
    },
    done,
    faults,
    async leave() {
      left = true
      onLeave()
      await Promise.all(loops.values())
      await assignment.release()
    },
  }
}
