import { setTimeout as delay } from 'node:timers/promises'
import { until } from '#test/e2e/runtime.ts'
import { delivered } from '../city/delivered.ts'
import { criterion, ofSpeed, type Row } from '../row.ts'

/** The world is down, not the events: calls pause, nothing is buried, all of it comes after. */
export const t19: Row = {
  id: 'T19',
  buses: ['postgres', 'kafka', 'nats'],
  what: 'PostgreSQL down under load',
  needs: [],
  async run(stage) {
    const city = await stage.city()
    const [connector] = city.connectors
    const outageMs = stage.scaled(600, 10) * 1000
    const load = city.generator.send({ events: stage.events, perSecond: stage.scaled(50, 80) })
    await load.reached(0.2)
    const downAt = Date.now()
    await city.server.stop()
    stage.say(`PostgreSQL is down for ${outageMs / 1000} s`)
    // Where PostgreSQL is the log, too, there is nothing to call for: the connector is not ready instead.
    await until('the breaker is open', async () => {
      const status = await connector?.status()
      return status?.ready === false || status?.consumers[0]?.state === 'breaker'
    })
    const openMs = Date.now() - downAt
    await delay(Math.max(0, downAt + outageMs - Date.now()))
    await city.server.start()
    const upAt = Date.now()
    await load.done
    await city.atRest(2 * outageMs + 60_000)
    const drainedMs = Date.now() - upAt
    const letters = await city.look.deadLetters()
    const speed = [
      criterion('breaker open ≤ 5 s', `${openMs} ms`, openMs <= 5_000),
      criterion('drained within 2 × the outage', `${drainedMs} ms of ${2 * outageMs}`, drainedMs <= 2 * outageMs),
    ].map((one) => ofSpeed(stage, one))
    return {
      ...(await delivered(city)),
      fired: 1,
      criteria: [criterion('dead letters', letters, letters === 0), ...speed.flatMap(({ criteria }) => criteria)],
      notes: speed.flatMap(({ notes }) => notes),
    }
  },
}
