import { setTimeout as delay } from 'node:timers/promises'
import { Pool } from 'undici'
import type { Database } from '#shared/state/database.ts'
import { percentile } from '../percentile.ts'
import { sentReading } from '../readings.ts'
import type { Row } from '../row.ts'

const DETECTORS = 1_000
const TICK_MS = 10
const PER_TICK = 10
const WARM_MS = 5_000
const SECONDS = 15
const PROBE_MS = 4

/** From the answer of the front door to the state that anybody can read. */
export const acceptedToState: Row = {
  name: 'accepted-to-state',
  what: 'single readings through the gateway, 1,000 a second: from 202 to the state in window_state',
  async measure(bench) {
    const world = await bench.start('whole')
    const probes = watch(world.database)
    await send(world.url, probes.accepted)
    const waits = await probes.end()
    const commits = await oneRowCommits(world.database)
    const figure = (name: string, percent: number) => ({
      name,
      value: percentile(waits, percent),
      unit: 'ms',
      reference: { name: 'commit of one INSERT', value: percentile(commits, percent) },
    })
    return [figure('p50', 50), figure('p99', 99)]
  },
}

type Accepted = (device: string, observedAt: number) => void

/** Sends 1,000 readings a second, each detector one; of every tick the first is a probe. */
async function send(url: string, accepted: Accepted): Promise<void> {
  const pool = new Pool(url, { connections: 64 })
  const began = performance.now()
  const calls: Promise<void>[] = []
  const post = async (detector: number, probe: boolean) => {
    const at = Date.now()
    const reading = sentReading(detector, at)
    const { statusCode, body } = await pool.request({
      path: '/function/ingest',
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(reading),
    })
    await body.dump()
    if (statusCode !== 202) throw new Error(`a reading was answered with ${statusCode}`)
    if (probe) accepted(reading.device, at)
  }
  const ticks = (WARM_MS + SECONDS * 1_000) / TICK_MS
  for (let tick = 0; tick < ticks; tick++) {
    await delay(Math.max(0, began + tick * TICK_MS - performance.now()))
    const isWarm = tick * TICK_MS >= WARM_MS
    for (let i = 0; i < PER_TICK; i++) calls.push(post((tick * PER_TICK + i) % DETECTORS, isWarm && i === 0))
  }
  await Promise.all(calls)
  await pool.close()
}

/** Looks every few milliseconds whether the probes under way have become states. */
function watch(database: Database): { accepted: Accepted; end(): Promise<number[]> } {
  const pending = new Map<string, { observedAt: number; since: number }>()
  const waits: number[] = []
  let over = false
  const look = async () => {
    const segments = [...pending.keys()]
    const { rows } = await database.query<{ segment: string; at: number }>(
      `select segment, max(date_part('epoch', observed_at) * 1000) as at from window_state
       where segment = any($1) and "window" > now() - interval '10 minutes' group by segment`,
      [segments],
    )
    for (const { segment, at } of rows) {
      const probe = pending.get(segment)
      if (probe === undefined || Math.round(at) < probe.observedAt) continue
      waits.push(performance.now() - probe.since)
      pending.delete(segment)
    }
  }
  const looking = (async () => {
    while (!over || pending.size > 0) {
      if (pending.size > 0) await look()
      await delay(PROBE_MS)
    }
  })()
  return {
    accepted: (device, observedAt) => void pending.set(device, { observedAt, since: performance.now() }),
    async end() {
      over = true
      await looking
      return waits
    },
  }
}

async function oneRowCommits(database: Database): Promise<number[]> {
  await database.query('create table plain (id int)')
  const taken: number[] = []
  for (let i = 0; i < 300; i++) {
    const began = performance.now()
    await database.query('insert into plain values ($1)', [i])
    taken.push(performance.now() - began)
  }
  return taken
}
