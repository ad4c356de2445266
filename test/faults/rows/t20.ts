import { delivered } from '../city/delivered.ts'
import { criterion, type Row } from '../row.ts'

/** PostgreSQL loses its memory under load, not what it has said is committed. */
export const t20: Row = {
  id: 'T20',
  buses: ['postgres', 'kafka', 'nats'],
  what: 'PostgreSQL crash-restarted 3 times under load',
  needs: [],
  async run(stage) {
    const city = await stage.city()
    const load = city.generator.send({ events: stage.events, perSecond: stage.scaled(100, 200) })
    let fired = 0
    for (; fired < 3; fired++) {
      await load.reached((fired + 1) / 5)
      await city.server.crash()
      stage.say(`${fired + 1} of 3 crashes`)
    }
    await load.done
    await city.atRest()
    const letters = await city.look.deadLetters()
    const repeats = city.generator.repeats()
    return {
      ...(await delivered(city)),
      fired,
      criteria: [
        criterion('dead letters', letters, letters === 0),
        // A broker takes no notice of PostgreSQL.
        ...(stage.bus === 'postgres' ? [criterion('appends made again', repeats, repeats > 0)] : []),
      ],
    }
  },
}
