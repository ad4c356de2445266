import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseDocument } from 'yaml'
import { openRuntime, type Runtime, until } from '../e2e/runtime.ts'
import { freePort } from '../ports.ts'

/** A running city of two roads and some readings, behind the gateway and with AUTH_MODE=keys. */
export interface World {
  url: string
  operatorToken: string
  runtime: Runtime
  /** The functions that serve a contract. */
  httpFunctions: string[]
  /** Sends a reading of ring-1, observed now. */
  measure(speed: number): Promise<void>
}

const NETWORK = {
  type: 'FeatureCollection',
  features: ['ring-1', 'ring-2'].map((segment, index) => ({
    type: 'Feature',
    geometry: { type: 'Point', coordinates: [16.37, 48.21 + index / 100] },
    properties: { segment, devices: [`loop-${index + 1}`], freeFlowKmh: 50 },
  })),
}
const MINUTE = 60_000
/** A forecast of ring-1 and the score of another: the first of its own would be up to five minutes away. */
const FORECASTS = `
  insert into forecast (segment, "window", made_at, source, model, minutes, p10, p50, p90, level)
    select 'ring-1', date_bin('5 min', now(), 'epoch') - interval '5 min', now(), 'model', 'f00d', '{15,30,45,60}',
      '{30,30,30,30}', '{40,40,40,40}', '{50,50,50,50}', '{heavy,heavy,heavy,heavy}'
    on conflict do nothing;
  insert into forecast_score
    values (date_trunc('hour', now()), 15, 'model', 1, 2, 4, 1, 1, 20, 1, 5, 25, 1, 3, 9) on conflict do nothing;`

/** Starts every function of stack.yml, and one that breaks its contract. */
export async function openWorld(folder: string, control: string): Promise<World> {
  const stack = parseDocument(readFileSync('stack.yml', 'utf8'))
  stack.setIn(['functions', control], {
    lang: 'node-ts',
    handler: `./test/functions/${control}`,
    image: `junction/${control}:test`,
  })
  writeFileSync(join(folder, 'stack.yml'), String(stack))
  writeFileSync(join(folder, 'network.geojson'), JSON.stringify(NETWORK))
  const args = ['--stack', join(folder, 'stack.yml')]
  const runtime = openRuntime({ folder, port: await freePort(), args, authMode: 'keys' })
  await runtime.start()
  // It answers before it is there for commands.
  await runtime.retried(async () => runtime.command('network', 'load', join(folder, 'network.geojson')))
  const operatorToken = readFileSync(join(folder, 'data/secrets/operator-token'), 'utf8').trim()
  const { url } = runtime

  const send = async (readings: object[]) => {
    await until('readings are answered', async () => {
      const answer = await fetch(`${url}/function/ingest`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${operatorToken}` },
        body: JSON.stringify(readings),
      })
      const told = await answer.text()
      const items = answer.status === 207 ? (JSON.parse(told) as { status: number }[]) : []
      if (items.length > 0 && items.every(({ status }) => status === 202)) return true
      throw new Error(`readings were answered with ${answer.status}: ${told}`)
    })
  }
  const reading = (device: string, speed: number, minutesAgo = 0) => ({
    device,
    observedAt: new Date(Date.now() - minutesAgo * MINUTE).toISOString(),
    measures: { speed, count: 12, occupancy: 0.1 },
  })
  const past = [14, 12, 10, 8, 6, 4, 2, 0]
  await send(['loop-1', 'loop-2', 'alone-3'].flatMap((device) => past.map((ago) => reading(device, 40 + ago, ago))))
  await until('ring-1 has a state', async () => {
    const answer = await fetch(`${url}/function/city/api/traffic-status/ring-1`)
    return /"speedKmh":\d/.test(await answer.text())
  })

  await runtime.retried((database) => database.query(FORECASTS))

  const names = Object.keys((stack.toJS() as { functions: object }).functions).filter((name) => name !== control)
  const serves = await Promise.all(
    names.map(async (name) => {
      let status = 0
      await until(`${name} says whether it serves a contract`, async () => {
        status = (await fetch(`${url}/function/${name}/openapi.json`)).status
        return status < 500
      })
      return status === 200
    }),
  )
  return {
    url,
    operatorToken,
    runtime,
    httpFunctions: names.filter((_name, index) => serves[index]),
    measure: (speed) => send([reading('loop-1', speed)]),
  }
}
