import { setTimeout as delay } from 'node:timers/promises'
import { until } from '#test/e2e/runtime.ts'
import { delivered } from '../city/delivered.ts'
import { criterion, ofSpeed, type Row } from '../row.ts'

const PATIENCE_MS = 60_000

/** The connector starts into an outage: it lives, says it is not ready, and begins by itself. */
export const t01: Row = {
  id: 'T01',
  buses: ['postgres', 'kafka', 'nats'],
  what: 'broker down at connector start',
  needs: [],
  async run(stage) {
    const city = await stage.city({ connectors: 0 })
    await city.broker.kill()
    const load = city.generator.send({ events: stage.events })
    const connector = await city.connector()
    await connector.start()
    const alive = () => connector.pid() !== undefined
    const statuses = new Set<number>()
    const end = performance.now() + stage.scaled(60, 5) * 1000
    const patience = () => performance.now() < (statuses.size === 0 ? end + PATIENCE_MS : end)
    for (; alive() && patience(); await delay(200)) {
      const status = await connector.ready()
      // It had no time to answer, which says nothing of what it would have.
      if (status !== 0) statuses.add(status)
    }
    const lived = alive()
    await city.broker.start()
    const upAt = Date.now()
    await until('the first event has its effect', async () => (await city.look.effects()) > 0)
    const firstMs = Date.now() - upAt
    await load.done
    await city.atRest()
    const speed = ofSpeed(stage, criterion('first event ≤ 5 s after the broker', `${firstMs} ms`, firstMs <= 5_000))
    return {
      ...(await delivered(city)),
      fired: 1,
      criteria: [
        criterion('alive without the broker', String(lived), lived),
        criterion('ready answers 503 meanwhile', [...statuses].join(', '), statuses.size === 1 && statuses.has(503)),
        ...speed.criteria,
      ],
      notes: speed.notes,
    }
  },
}
