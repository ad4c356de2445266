import { setTimeout as delay } from 'node:timers/promises'
import { delivered } from '../city/delivered.ts'
import type { Row } from '../row.ts'

/** A second connector comes and goes: shares move under load, and what is late changes nothing. */
export const t08: Row = {
  id: 'T08',
  buses: ['postgres', 'kafka', 'nats'],
  what: 'rebalance every 2 s',
  needs: [],
  async run(stage) {
    const city = await stage.city()
    const seconds = stage.scaled(60, 9)
    const other = await city.connector()
    const load = city.generator.send({ events: stage.events, perSecond: Math.ceil(stage.events / seconds) })
    let fired = 0
    for (const end = Date.now() + seconds * 1000; Date.now() < end; fired++) {
      await (fired % 2 === 0 ? other.start() : other.stop())
      await delay(2_000)
    }
    await other.stop()
    await load.done
    await city.atRest()
    return {
      ...(await delivered(city)),
      fired,
      criteria: [],
      notes: [{ what: 'late slices refused', value: await city.look.refused() }],
    }
  },
}
