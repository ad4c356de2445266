import { setTimeout as delay } from 'node:timers/promises'
import { runLoad } from '../load.ts'
import { bodiesOf } from '../readings.ts'
import type { Figure, Row } from '../row.ts'
import { memoryOf, processGroups } from '../usage.ts'
import { wakeAll } from '../wake-all.ts'

const FUNCTIONS = ['ingest', 'detect-congestion', 'city']
const SETTLE_MS = 3_000
const SECONDS = 6

/** Resident memory of each process: idle after its first calls, and its peak under load. */
export const memory: Row = {
  name: 'memory',
  what: `resident memory idle, and its peak under ${SECONDS} s of batches of 100 and of GETs of all states`,
  async measure(bench) {
    const bare = await bench.startBare()
    const reference = { name: 'bare node:http, idle', value: memoryOf(bare.pid).now }
    await bare.stop()
    const world = await bench.start('whole')
    await wakeAll(world.url)
    await delay(SETTLE_MS)
    const idle = figures(world.pid, 'idle', reference)
    const load = { connections: 16, seconds: SECONDS }
    const post = { url: `${world.url}/function/ingest`, method: 'POST' as const, bodies: bodiesOf(200, 100) }
    await runLoad({ ...load, ...post })
    await runLoad({ ...load, url: `${world.url}/function/city/api/traffic-status`, method: 'GET' })
    return [...idle, ...figures(world.pid, 'loaded', reference)]
  },
}

function figures(runtime: number, when: 'idle' | 'loaded', reference: { name: string; value: number }): Figure[] {
  return [...processGroups(runtime)].map(([name, pids]): Figure => {
    const all = pids.map(memoryOf)
    const isFunction = FUNCTIONS.includes(name)
    const value = isFunction
      ? Math.max(...all.map(({ now, peak }) => (when === 'idle' ? now : peak)))
      : all.reduce((sum, one) => sum + (name === 'PostgreSQL' ? one.share : when === 'idle' ? one.now : one.peak), 0)
    return {
      name: `${name}, ${when}`,
      value,
      unit: 'MB',
      reference,
      ...(isFunction && when === 'idle' ? { aim: { of: 'value', atMost: 90 } } : {}),
      ...(isFunction && when === 'loaded'
        ? { aim: { of: 'value', atMost: 150 }, stretch: { of: 'value', atMost: 90 } }
        : {}),
    }
  })
}
