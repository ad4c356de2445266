import { criterion, type Row } from '../row.ts'

/** The effect is written, nothing is committed: all of it must be gone and come again. */
export const t06: Row = {
  id: 'T06',
  buses: ['postgres', 'kafka', 'nats'],
  what: 'function SIGKILLed between effect and COMMIT',
  needs: ['redeliveries'],
  async run(stage) {
    const city = await stage.city()
    const kills = stage.scaled(20, 3)
    const load = city.generator.send({ events: stage.events, perSecond: stage.scaled(250, 400) })
    let fired = 0
    for (; fired < kills; fired++) {
      await load.reached((fired + 0.5) / (kills + 1))
      await city.orders.obeyed('die-before-commit')
      stage.say(`${fired + 1} of ${kills} kills`)
    }
    await load.done
    await city.atRest()
    return {
      events: city.generator.count(),
      fired,
      redeliveries: city.orders.redeliveries(),
      counts: await city.counts(),
      criteria: [criterion('kills', fired, fired === kills)],
    }
  },
}
