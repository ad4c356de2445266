import { criterion, type Row } from '../row.ts'

/** The effect is committed and the answer lost: the slice comes again, and must find its position moved. */
export const t07: Row = {
  id: 'T07',
  buses: ['postgres', 'kafka', 'nats'],
  what: 'response lost after COMMIT',
  needs: ['redeliveries'],
  async run(stage) {
    const city = await stage.city()
    const times = stage.scaled(20, 3)
    const load = city.generator.send({ events: stage.events, perSecond: stage.scaled(250, 400) })
    let fired = 0
    for (; fired < times; fired++) {
      await load.reached((fired + 0.5) / (times + 1))
      await city.orders.obeyed('die-after-commit')
      stage.say(`${fired + 1} of ${times} answers lost`)
    }
    await load.done
    await city.atRest()
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
