import { delivered } from '../city/delivered.ts'
import type { Row } from '../row.ts'

/** A killed server loses nothing of what it has acknowledged, synced or not: the system keeps what was written. */
export const t46: Row = {
  id: 'T46',
  buses: ['nats'],
  what: 'NATS restarted without sync',
  needs: [],
  async run(stage) {
    const city = await stage.city()
    const load = city.generator.send({ events: stage.events, perSecond: stage.scaled(200, 300) })
    const kills = stage.scaled(10, 2)
    let fired = 0
    for (; fired < kills; fired++) {
      await load.reached((fired + 1) / (kills + 1))
      await city.broker.kill()
      await city.broker.start()
      stage.say(`${fired + 1} of ${kills} restarts`)
    }
    await load.done
    await city.atRest()
    return { ...(await delivered(city)), fired, criteria: [] }
  },
}
