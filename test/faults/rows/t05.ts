import { metricAt } from '../city/connector.ts'
import { criterion, type Row } from '../row.ts'

/** Function processes die within a call: each is answered as a crash that may be tried again. */
export const t05: Row = {
  id: 'T05',
  buses: ['postgres', 'kafka', 'nats'],
  what: 'function SIGKILLed mid-invoke',
  needs: ['redeliveries'],
  async run(stage) {
    const city = await stage.city()
    const kills = stage.scaled(50, 5)
    const load = city.generator.send({ events: stage.events, perSecond: stage.scaled(100, 300) })
    let fired = 0
    for (; fired < kills; fired++) {
      await load.reached((fired + 0.5) / (kills + 1))
      await city.orders.obeyed('die-in-handler')
      if (fired % 10 === 9) stage.say(`${fired + 1} of ${kills} kills`)
    }
    await load.done
    await city.atRest()
    const crashes = await metricAt(city.gatewayUrl, 'gateway_function_invocation_total', '502')
    return {
      events: city.generator.count(),
      fired,
      redeliveries: city.orders.redeliveries(),
      counts: await city.counts(),
      criteria: [criterion('calls answered 502', `${crashes} of ${kills}`, crashes >= kills)],
    }
  },
}
