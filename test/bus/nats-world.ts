import { afterAll, beforeAll } from '@jest/globals'
import { type JetStreamManager, jetstream, jetstreamManager, type StreamConfig } from '@nats-io/jetstream'
import { connect, type NatsConnection } from '@nats-io/transport-node'
import { pino } from 'pino'
import { type NatsOptions as BusOptions, natsBus } from '#shared/bus/nats.ts'
import type { Bus, BusEvent, LogEvent } from '#shared/bus/port.ts'
import { type NatsOptions, type NatsServer, startNats } from '#test/servers/nats.ts'
import { alone } from './alone.ts'

// Where a test is of no limit, none ends what a busy machine is slow to answer.
const PATIENCE_MS = 30_000

/** A server of a test file, with what its tests do again and again. */
export interface NatsWorld {
  readonly server: NatsServer
  /** A bus that is closed when the file ends. */
  open(options?: Partial<BusOptions>): Promise<Bus>
  /** A topic of its own; what `config` says of its stream is set by hand. */
  topic(partitions?: number, config?: Partial<StreamConfig>): Promise<string>
  /** Does something with the library's own client. */
  raw<T>(work: (client: Raw) => Promise<T>): Promise<T>
}

/** The library's own client. */
export interface Raw {
  connection: NatsConnection
  js: ReturnType<typeof jetstream>
  manager: JetStreamManager
}

/** Starts the server before the tests of the file. */
export function natsWorld(options?: NatsOptions): NatsWorld {
  let server: NatsServer
  let topics = 0
  const buses: Bus[] = []
  beforeAll(async () => {
    server = await startNats(options)
  }, 600_000)
  afterAll(async () => {
    try {
      await Promise.all(buses.map((bus) => bus.close()))
    } finally {
      await server?.stop()
    }
  })
  const raw: NatsWorld['raw'] = async (work) => {
    const connection = await connect({ servers: new URL(server.url).host })
    const options = { timeout: PATIENCE_MS }
    try {
      const manager = await jetstreamManager(connection, options)
      return await work({ connection, js: jetstream(connection, options), manager })
    } finally {
      await connection.close()
    }
  }
  return {
    get server() {
      return server
    },
    async open(given = {}) {
      const log = pino({ level: process.env.LOG_LEVEL ?? 'silent' })
      const settings = { requestMs: PATIENCE_MS, ...given.settings }
      const bus = await natsBus({ url: server.url, secret: () => undefined, log, leases: alone, ...given, settings })
      buses.push(bus)
      return bus
    },
    async topic(partitions = 1, config = {}) {
      const topic = `test.${process.pid}.${++topics}`
      const subjects = Array.from({ length: partitions }, (_, i) => `${topic}.${i}`)
      await raw(({ manager }) =>
        manager.streams.add({
          name: topic.replaceAll('.', '_'),
          subjects,
          allow_direct: true,
          allow_atomic: true,
          ...config,
        }),
      )
      return topic
    },
    raw,
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

/** What a read may bring in these tests. */
export const LIMITS = { events: 1000, bytes: 1 << 20 }

/** Everything of a partition from an offset on. */
export async function readAll(bus: Bus, topic: string, partition = 0, from?: bigint): Promise<LogEvent[]> {
  const reader = await bus.assign('everything', [topic], () => {})
  const events: LogEvent[] = []
  try {
    for (let offset = from ?? (await bus.earliest(topic, partition)); ; ) {
      const slice = await reader.read({ topic, partition, offset }, LIMITS)
      if (slice.events.length === 0) return events
      events.push(...slice.events)
      offset = slice.next
    }
  } finally {
    await reader.release()
  }
}

/** The ids of events. */
export const idsOf = (events: LogEvent[]): string[] => events.map(({ id }) => id)

/** How it ended, and after how many milliseconds. */
export async function timed(work: Promise<unknown>): Promise<{ error: string | undefined; ms: number }> {
  const began = performance.now()
  const error = await work.then(
    () => undefined,
    ({ name }: Error) => name,
  )
  return { error, ms: performance.now() - began }
}
