import { Agent, get } from 'node:http'
import { percentile } from '../percentile.ts'
import type { Row } from '../row.ts'

const WARM = 1_000
const CALLS = 4_000

/** What the gateway adds to a call. */
export const gatewayAdded: Row = {
  name: 'gateway-added',
  what: 'GET of a health answer through the gateway and direct, in turn, one at a time',
  async measure(bench) {
    const world = await bench.start('ingest')
    const function_ = await world.startDirect('ingest')
    const agent = new Agent({ keepAlive: true })
    const through: number[] = []
    const direct: number[] = []
    for (let i = 0; i < WARM + CALLS; i++) {
      const added = await call(`${world.url}/function/ingest/_/health`, agent)
      const own = await call(`${function_.url}/_/health`, agent)
      if (i < WARM) continue
      through.push(added)
      direct.push(own)
    }
    agent.destroy()
    const figure = (name: string, percent: number) => ({
      name,
      value: percentile(through, percent) - percentile(direct, percent),
      unit: 'ms',
      reference: { name: 'the direct call', value: percentile(direct, percent) },
    })
    return [{ ...figure('p50 added', 50), aim: { of: 'value', atMost: 1 } }, figure('p99 added', 99)]
  },
}

function call(url: string, agent: Agent): Promise<number> {
  const began = performance.now()
  return new Promise((resolve, reject) => {
    get(url, { agent }, (response) => {
      response.resume()
      response.on('end', () => {
        if (response.statusCode === 200) resolve(performance.now() - began)
        else reject(new Error(`${url} answered ${response.statusCode}`))
      })
    }).on('error', reject)
  })
}
