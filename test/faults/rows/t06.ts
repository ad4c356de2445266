import { delivered } from '../city/delivered.ts'
import type { Row } from '../row.ts'

/** The effect is written, nothing is committed: all of it must be gone and come again. */
export const t06: Row = {
  id: 'T06',
  buses: ['postgres', 'kafka', 'nats'],
  what: 'function SIGKILLed between effect and COMMIT',
  needs: ['redeliveries'],
  async run(stage) {
    const city = await stage.city()
    const kills = stage.scaled(20, 5)
    const share = Math.ceil(stage.events / kills)
    let fired = 0
    for (; fired < kills; fired++) {
      const load = city.generator.send({ events: share })
      await city.orders.obeyed('die-before-commit')
      await load.done
      // An answer between two crashes, or the gateway takes the function for one that cannot run.
      await city.atRest()
      if (fired % 5 === 4) stage.say(`${fired + 1} of ${kills} kills`)
    }
    return {
      ...(await delivered(city)),
      fired,
      criteria: [],
    }
  },
}
