import { until } from '#test/e2e/runtime.ts'
import { metricAt } from '../city/connector.ts'
import { deaths } from '../city/deaths.ts'
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
    const fired = await deaths(stage, city, 'die-in-handler', stage.scaled(50, 5))
    let crashes = 0
    await until('the gateway tells of its calls', async () => {
      crashes = await metricAt(city.gatewayUrl, 'gateway_function_invocation_total', '502')
      return crashes > 0
    })
    return {
      ...(await delivered(city)),
      fired,
      criteria: [criterion('calls answered 502', `${crashes} of ${fired}`, crashes >= fired)],
    }
  },
}
