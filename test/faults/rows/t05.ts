import { metricAt } from '../city/connector.ts'
import { delivered } from '../city/delivered.ts'
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
    const share = Math.ceil(stage.events / kills)
    let fired = 0
    for (; fired < kills; fired++) {
      const load = city.generator.send({ events: share })
      await city.orders.obeyed('die-in-handler')
      await load.done
      // An answer between two crashes, or the gateway takes the function for one that cannot run.
      await city.atRest()
      if (fired % 5 === 4) stage.say(`${fired + 1} of ${kills} kills`)
    }
    const crashes = await metricAt(city.gatewayUrl, 'gateway_function_invocation_total', '502')
    return {
      ...(await delivered(city)),
      fired,
      criteria: [criterion('calls answered 502', `${crashes} of ${kills}`, crashes >= kills)],
    }
  },
}
