import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { pino } from 'pino'
import type { Leases } from '#shared/bus/lease.ts'
import { natsBus } from '#shared/bus/nats.ts'
import type { BrokerSettings } from '#shared/bus/port.ts'
import { busSuite } from '#shared/bus/suite.ts'
import { type NatsServer, startNats } from '#test/servers/nats.ts'

const log = pino({ level: 'silent' })

/** Whoever is alone has everything. */
const alone: Leases = {
  async join(_pool, shares, onChange) {
    onChange(shares)
    return { leave: async () => {} }
  },
}

const open = (url: string, secrets: Record<string, string> = {}, settings: BrokerSettings = {}) =>
  natsBus({ url, secret: (name) => secrets[name], log, settings, leases: alone })

let server: NatsServer
beforeAll(async () => {
  server = await startNats()
}, 600_000)
afterAll(() => server?.stop())

busSuite('NATS', async () => {
  const bus = await open(server.url)
  await bus.ensureTopics([{ topic: 'readings', partitions: 8, retentionDays: 7 }])
  return { bus, close: () => bus.close() }
})
