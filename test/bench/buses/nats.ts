import { jetstream, jetstreamManager, type OrderedConsumerOptions } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { pino } from 'pino'
import { natsBus } from '#shared/bus/nats.ts'
import { toHeaders } from '#shared/bus/nats-message.ts'
import { alone } from '#test/bus/alone.ts'
import { startNats } from '#test/servers/nats.ts'
import { type BusName, runsOf, TOPIC } from './port.ts'

const BARE = 'bare'

/** NATS beside @nats-io/jetstream: publishes that await their acknowledgements together, and one ordered consumer. */
export const nats: BusName = {
  name: 'nats',
  async open() {
    const server = await startNats()
    const log = pino({ level: 'warn' })
    const bus = await natsBus({ url: server.url, secret: () => undefined, log, leases: alone })
    await bus.ensureTopics([TOPIC])
    const connection = await connect({ servers: server.url })
    const js = jetstream(connection)
    const manager = await jetstreamManager(connection)
    await manager.streams.add({ name: BARE, subjects: [`${BARE}.*`] })
    const from: Partial<OrderedConsumerOptions> = { filter_subjects: [`${BARE}.*`] }
    const consumer = await js.consumers.get(BARE, from)
    return {
      bus,
      url: server.url,
      async publish(events) {
        for (const run of runsOf(events))
          await Promise.all(
            run.map((event) => js.publish(`${BARE}.${event.partition}`, event.data, { headers: toHeaders(event) })),
          )
      },
      async read(count) {
        let left = count
        while (left > 0) {
          const messages = await consumer.fetch({ max_messages: Math.min(left, 1_000) })
          for await (const _message of messages) left -= 1
        }
      },
      async close() {
        await bus.close()
        await connection.close()
        await server.stop()
      },
    }
  },
}
