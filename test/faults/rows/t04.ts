import { until } from '#test/e2e/runtime.ts'
import { criterion, type Row } from '../row.ts'

/** The connector dies with calls in flight: the next one sends the same slices while the first still run. */
export const t04: Row = {
  id: 'T04',
  buses: ['postgres', 'kafka', 'nats'],
  what: 'connector SIGKILLed after the effect, before the commit',
  needs: ['redeliveries'],
  async run(stage) {
    const city = await stage.city()
    const [connector] = city.connectors
    const kills = stage.scaled(10, 2)
    city.orders.give('slow', '1000')
    city.orders.give('slow-commit', '1000')
    const load = city.generator.send({ events: stage.events, perSecond: stage.scaled(100, 300) })
    let fired = 0
    for (; fired < kills; fired++) {
      await load.reached((fired + 0.5) / (kills + 1))
      await until('calls are in flight', async () => (await city.look.inFlight()) > 0)
      await connector?.kill()
      await connector?.start()
      stage.say(`${fired + 1} of ${kills} kills`)
    }
    await load.done
    city.orders.lift('slow')
    city.orders.lift('slow-commit')
    await city.atRest()
    const refused = await city.look.refused()
    return {
      events: city.generator.count(),
      fired,
      redeliveries: city.orders.redeliveries(),
      counts: await city.counts(),
      criteria: [criterion('slices whose position had moved', refused, true)],
    }
  },
}
