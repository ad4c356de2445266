import { setTimeout as delay } from 'node:timers/promises'
import { delivered } from '../city/delivered.ts'
import { criterion, type Row } from '../row.ts'

/** Each connection to the broker is silent for ever from now on, and nobody is told: new ones are sound. */
export const t52: Row = {
  id: 'T52',
  buses: ['postgres', 'nats'],
  what: 'consumer stall: alive, fetches nothing',
  needs: [],
  async run(stage) {
    const city = await stage.city()
    const stalls = stage.scaled(3, 1)
    const times: number[] = []
    let fired = 0
    for (let round = 0; round < stalls; round++) {
      await city.generator.send({ events: Math.ceil(stage.events / stalls / 2) }).done
      await city.atRest()
      const open = city.broker.proxy?.connections() ?? 0
      city.broker.proxy?.halfOpen()
      if (open > 0) fired++
      const stalledAt = Date.now()
      stage.say(`${open} connections are silent`)
      await delay(500)
      await city.generator.send({ events: Math.ceil(stage.events / stalls / 2) }).done
      await city.atRest()
      times.push(Date.now() - stalledAt)
    }
    const longest = Math.max(...times)
    return {
      ...(await delivered(city)),
      fired,
      criteria: [criterion('made anew, and all delivered, within 90 s', `${longest} ms`, longest <= 90_000)],
    }
  },
}
