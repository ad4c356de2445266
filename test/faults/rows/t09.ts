import { setTimeout as delay } from 'node:timers/promises'
import { until } from '#test/e2e/runtime.ts'
import { delivered } from '../city/delivered.ts'
import type { Row } from '../row.ts'

/** Shares move while calls run that end long after: theirs and the new holder's race, and one of them counts. */
export const t09: Row = {
  id: 'T09',
  buses: ['postgres', 'kafka', 'nats'],
  what: 'handler slower than the time to give a share back',
  needs: ['redeliveries'],
  async run(stage) {
    const city = await stage.city()
    const other = await city.connector()
    city.orders.give('slow', String(stage.scaled(8_000, 2_500)))
    await city.generator.send({ events: stage.events }).done
    let fired = 0
    for (const rounds = stage.scaled(5, 2); fired < rounds; fired++) {
      await until('calls are in flight', async () => (await city.look.inFlight()) > 0)
      await other.start()
      await delay(stage.scaled(8_000, 3_000))
      await other.kill()
    }
    city.orders.lift('slow')
    await city.atRest()
    return {
      ...(await delivered(city)),
      fired,
      criteria: [],
      notes: [{ what: 'late slices refused', value: await city.look.refused() }],
    }
  },
}
