import { setTimeout as delay } from 'node:timers/promises'
import { kill } from '#test/e2e/processes.ts'
import { until } from '#test/e2e/runtime.ts'
import { delivered } from '../city/delivered.ts'
import type { Row } from '../row.ts'

/** Longer than a call takes to reach its effect, shorter than PostgreSQL lets a transaction idle. */
const COMMIT_MS = 1_500

/**
 * The connector dies while calls stand between effect and COMMIT: what they then commit must not be done again. Every
 * other time the function dies, too, so nothing is committed: it must be.
 */
export const t04: Row = {
  id: 'T04',
  buses: ['postgres', 'kafka', 'nats'],
  what: 'connector SIGKILLed after the effect, before the commit',
  needs: ['redeliveries'],
  async run(stage) {
    const city = await stage.city()
    const [connector] = city.connectors
    const kills = stage.scaled(10, 2)
    let fired = 0
    for (; fired < kills; fired++) {
      city.orders.give('slow-commit', String(COMMIT_MS))
      const tries = city.orders.tries()
      const load = city.generator.send({ events: Math.ceil(stage.events / kills) })
      await until('calls are at work', async () => city.orders.tries() > tries)
      await delay(COMMIT_MS / 5)
      // Known before, so that both die at once.
      const functions = fired % 2 === 1 ? city.functions() : []
      const killed = connector?.kill()
      for (const { pid } of functions) kill(pid)
      await killed
      city.orders.lift('slow-commit')
      await connector?.start()
      await load.done
      await city.atRest()
      stage.say(`${fired + 1} of ${kills} kills`)
    }
    return {
      ...(await delivered(city)),
      fired,
      criteria: [],
      notes: [{ what: 'slices whose position had moved', value: await city.look.refused() }],
    }
  },
}
