import type { World } from '../bench.ts'
import { percentile } from '../percentile.ts'
import type { Figure, Row } from '../row.ts'
import type { Server } from '../server-process.ts'
import { timed } from '../wake-one.ts'

const SEGMENTS = [74, 1_000]
const TICKS = 20
const WARM = 3
const WINDOW_MS = 300_000

/** The forecasts of a whole city, from the states of its last hour to what the log carries. */
export const forecastTick: Row = {
  name: 'forecast-tick',
  what: `a tick of predict-traffic that forecasts ${SEGMENTS.join(' or ')} segments; ${TICKS} times`,
  async measure(bench) {
    const world = await bench.start('whole')
    const function_ = await world.startDirect('predict-traffic')
    const figures: Figure[] = []
    for (const segments of SEGMENTS) {
      await world.database.query('delete from forecast')
      await fill(world, segments)
      const taken: number[] = []
      for (let n = 0; n < WARM + TICKS; n++) {
        await world.database.query('delete from forecast')
        const one = await timed(() => tick(function_))
        if (n >= WARM) taken.push(one)
      }
      const { rows } = await world.database.query<{ n: number }>('select count(*)::int as n from forecast')
      if (rows[0]?.n !== segments) throw new Error(`${rows[0]?.n} of ${segments} segments have a forecast`)
      figures.push(
        { name: `${segments} segments, p50`, value: percentile(taken, 50), unit: 'ms' },
        { name: `${segments} segments, slowest`, value: Math.max(...taken), unit: 'ms' },
      )
    }
    return figures
  },
}

/** Segments with two hours of states around now, those of the simulated town first. */
async function fill({ database }: World, segments: number): Promise<void> {
  const { cityNetwork } = await import('#demo/simulated-city.ts')
  const town = cityNetwork().features.map(({ properties: { segment } }) => segment)
  const names = Array.from({ length: segments }, (_, n) => town[n] ?? `segment-${n}`)
  await database.query(
    `insert into segment (segment, located_at, free_flow_kmh) select n, '-infinity', 60 from unnest($1::text[]) n
     on conflict do nothing`,
    [names],
  )
  const first = Math.floor(Date.now() / WINDOW_MS) * WINDOW_MS - 18 * WINDOW_MS
  await database.query(
    `insert into window_state (segment, "window", window_end, n, speed, level, confidence, open, rev)
     select s, w, w + interval '5 minutes', 1, 40 + 10 * random(), 'free', 1, false, 1
     from unnest($1::text[]) s, generate_series($2::timestamptz, $2::timestamptz + interval '2 hours', interval '5 minutes') w
     on conflict do nothing`,
    [names, new Date(first)],
  )
}

/** As a PingSource of Knative brings it. */
async function tick({ url }: Server): Promise<void> {
  const at = new Date().toISOString()
  const headers = {
    'ce-specversion': '1.0',
    'ce-type': 'dev.knative.sources.ping',
    'ce-source': '/bench',
    'ce-id': at,
    'ce-time': at,
    'content-type': 'application/json',
  }
  const answer = await fetch(url, { method: 'POST', headers, body: '{}' })
  if (!answer.ok) throw new Error(`the tick was answered ${answer.status}: ${await answer.text()}`)
}
