import { setTimeout as delay } from 'node:timers/promises'
import { countingIn } from '../city/stack.ts'
import { criterion, type Row } from '../row.ts'

/** Calls of one replica at a time, by its pool for events. */
const LIMIT = 2

/** A function that is slow within its deadline: nothing is taken from it, nothing piles up before it. */
export const t10: Row = {
  id: 'T10',
  buses: ['postgres', 'kafka', 'nats'],
  what: 'slow function',
  needs: [],
  async run(stage) {
    const city = await stage.city({ functions: [countingIn('counting', { batch: stage.scaled(200, 100) })] })
    city.orders.give('slow', String(stage.scaled(8_000, 2_000)))
    await city.generator.send({ events: stage.scaled(5_000, 600) }).done
    let most = 0
    while ((await city.behind()) > 0) {
      most = Math.max(most, await city.look.inFlight())
      await delay(100)
    }
    const events = city.generator.count()
    const redeliveries = city.orders.redeliveries()
    return {
      events,
      fired: Math.ceil(city.orders.tries() / stage.scaled(200, 100)),
      redeliveries,
      counts: await city.counts(),
      criteria: [
        criterion('events given to a second call, as a rebalance would', redeliveries, redeliveries === 0),
        criterion(`in flight ≤ ${LIMIT}`, most, most >= 1 && most <= LIMIT),
      ],
    }
  },
}
