import { criterion, type Row } from '../row.ts'

/** The effect is committed and the answer lost: the slice comes again, and must find its position moved. */
export const t07: Row = {
  id: 'T07',
  buses: ['postgres', 'kafka', 'nats'],
  what: 'response lost after COMMIT',
  needs: ['redeliveries'],
  async run(stage) {
    const city = await stage.city()
    const times = stage.scaled(30, 5)
    const share = Math.ceil(stage.events / times)
    let fired = 0
    for (; fired < times; fired++) {
      const load = city.generator.send({ events: share })
      await city.orders.obeyed('die-after-commit')
      await load.done
      // An answer between two crashes, or the gateway takes the function for one that cannot run.
      await city.atRest()
      if (fired % 5 === 4) stage.say(`${fired + 1} of ${times} answers lost`)
    }
    const tries = city.orders.tries()
    const events = city.generator.count()
    return {
      events,
      fired,
      redeliveries: city.orders.redeliveries(),
      counts: await city.counts(),
      criteria: [criterion('invoked more often than there are effects', `${tries} > ${events}`, tries > events)],
    }
  },
}
