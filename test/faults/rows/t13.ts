import { countingIn } from '../city/stack.ts'
import { criterion, type Row } from '../row.ts'

/** A producer that repeats itself: only a handler that declares `once` is protected, by its markers. */
export const t13: Row = {
  id: 'T13',
  buses: ['postgres', 'kafka', 'nats'],
  what: 'every event delivered 3 times',
  needs: ['redeliveries'],
  async run(stage) {
    const city = await stage.city({ functions: [countingIn(stage.broken ?? 'counting-once')] })
    const load = city.generator.send({ events: stage.events, times: 3 })
    await load.done
    await city.atRest()
    const { rows } = await city.database.query<{ n: number }>('select count(*)::int as n from counted')
    const effects = rows[0]?.n ?? 0
    const ids = city.generator.count()
    return {
      events: ids,
      fired: 2 * ids,
      redeliveries: city.orders.tries() - ids,
      counts: await city.counts({ once: true }),
      criteria: [criterion('effects = unique ids', `${effects} = ${ids}`, effects === ids)],
    }
  },
}
