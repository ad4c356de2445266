import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { pino } from 'pino'
import { realTime } from '#runtime/connector/time.ts'
import { openLeases } from '#shared/bus/lease.ts'
import { openBus } from '#shared/bus/open.ts'
import type { Bus } from '#shared/bus/port.ts'
import { topicPlans } from '#shared/contracts/topics.ts'
import { until } from '#test/servers/until.ts'
import { type Bench, consumer, finish, openBench, readCall } from './harness.ts'

/** A broker of a test's own. */
interface Broker {
  url: string
  signal(name: NodeJS.Signals): void
  restart(): Promise<void>
  stop(): Promise<void>
}

const PARTITIONS = [0, 1, 2, 3, 4, 5, 6, 7]
const ROUNDS = 60
const EACH = 10

/** The way of an event from a unit of work over the broker to a function holds on every broker. */
export function relaySuite(name: string, start: () => Promise<Broker>): void {
  describe(`the relay to ${name}`, () => {
    let broker: Broker
    let bench: Bench
    let bus: Bus
    beforeAll(async () => {
      broker = await start()
      bench = await openBench()
      const leases = openLeases(bench.database, { holder: 'broker', lookMs: 100 })
      const log = pino({ level: process.env.LOG_LEVEL ?? 'silent' })
      bus = await openBus(broker.url, { database: bench.database, leases, log, secret: () => undefined })
    }, 600_000)
    afterAll(async () => {
      try {
        await bench?.end()
        await bus?.close()
      } finally {
        await broker?.stop()
      }
    })

    it('carries what is appended to PostgreSQL to functions, in order, through a killed broker: nothing is lost', async () => {
      const seen = new Map<string, string[]>()
      const connector = bench.start(
        [consumer('f', { topics: ['readings'], batch: 100, from: 'latest' })],
        async (name, request) => {
          const { ids, headers } = readCall(request)
          const partition = headers['junction-partition'] ?? ''
          seen.set(partition, [...(seen.get(partition) ?? []), ...ids])
          return finish(bench.database, name, request, undefined, await bus.logOf('readings'))
        },
        { bus, relays: true, time: realTime },
      )
      await until('the connector is ready', () => connector.status().ready, 60_000)
      await until('every partition has its position', async () => {
        const { rows } = await bench.database.query(`select from position where consumer = 'f'`)
        return rows.length === PARTITIONS.length
      })
      let restarted = Promise.resolve()
      for (let round = 0; round < ROUNDS; round++) {
        if (round === ROUNDS / 2) {
          broker.signal('SIGKILL')
          restarted = broker.restart()
        }
        const ids = Array.from({ length: EACH }, (_, i) => `${round * EACH + i}`)
        await Promise.all(PARTITIONS.map((partition) => bench.append('readings', ids, { partition })))
      }
      await restarted
      const wanted = Array.from({ length: ROUNDS * EACH }, (_, i) => `${i}`)
      const delivered = () => PARTITIONS.map((partition) => new Set(seen.get(`${partition}`)))
      await until('all is delivered', () => delivered().every(({ size }) => size === wanted.length), 90_000)
      // What is repeated came before: of first arrivals none is out of turn.
      expect(delivered().map((ids) => [...ids])).toEqual(PARTITIONS.map(() => wanted))
      expect(await bench.deadLetters()).toEqual([])
      const all = topicPlans.reduce((sum, { partitions }) => sum + partitions, 0)
      await until('the relay has moved past all of it', async () => {
        const { rows } = await bench.database.query<{ next: string; end: string }>(
          `select p.next, l.next_offset as end from position p join log_partition l using (topic, partition)
           where consumer = 'relay' and log = 'postgres'`,
        )
        return rows.length === all && rows.every(({ next, end }) => next === end)
      })
      // A start of the broker.
    }, 400_000)
  })
}
