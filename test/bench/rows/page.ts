import type { Browser } from 'playwright-core'
import type { Database } from '#shared/state/database.ts'
import { loadNetwork } from '#shared/state/network.ts'
import { transaction } from '#shared/state/transaction.ts'
import { until } from '../../e2e/runtime.ts'
import { openBrowser } from '../../page/chromium.ts'
import { clearCanvas, type Drawing, panMap } from '../../page/frames.ts'
import { gridNetwork, gridReadings } from '../../page/grid.ts'
import { open, visit } from '../../page/visit.ts'
import type { World } from '../bench.ts'
import { percentile } from '../percentile.ts'
import type { Figure, Row } from '../row.ts'
import { openCrowd } from '../sse-clients.ts'
import { memoryOf } from '../usage.ts'

const SEGMENTS = 5_000
const CLIENTS = 500
const VISITS = 5
const PANS = 3
const PAN_SECONDS = 4
const STATES = 20
/** Readings a request may carry, and few enough for its size. */
const BATCH = 1_000

/** The page in a browser, and the function that feeds it. */
export const page: Row = {
  name: 'page',
  what: `the page in Chromium with ${SEGMENTS} segments, and ${CLIENTS} event streams of one city`,
  async measure(bench) {
    const world = await bench.start('whole')
    await liveGrid(world)
    const browser = await openBrowser()
    try {
      return [...(await paint(browser, world)), ...(await pan(browser, world)), ...(await clients(world))]
    } finally {
      await browser.close()
    }
  },
}

async function liveGrid({ url, database }: World): Promise<void> {
  await transaction(database, (sql) => loadNetwork(sql, gridNetwork(SEGMENTS)))
  const readings = gridReadings(SEGMENTS, Date.now())
  for (let i = 0; i < SEGMENTS; i += BATCH) await post(url, readings.slice(i, i + BATCH))
  await until('every segment has a state', async () => {
    const { rows } = await database.query<{ n: number }>('select count(distinct segment)::int as n from window_state')
    return rows[0]?.n === SEGMENTS
  })
}

async function post(url: string, readings: unknown[]): Promise<void> {
  const headers = { 'content-type': 'application/json' }
  const answer = await fetch(`${url}/function/ingest`, { method: 'POST', headers, body: JSON.stringify(readings) })
  if (answer.status !== 207) throw new Error(`readings were answered with ${answer.status}`)
  await answer.body?.cancel()
}

/** What a newcomer waits for, each time with an empty cache. */
async function paint(browser: Browser, { url }: World): Promise<Figure[]> {
  const seen: { first: number; map: number }[] = []
  for (let i = 0; i < VISITS; i++) {
    const reader = await visit(browser)
    await open(reader.page, `${url}/function/city/`, 'map')
    const map = await reader.page.evaluate(() => performance.now())
    const first = await reader.page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime)
    seen.push({ first: first ?? Number.NaN, map })
    await reader.close()
  }
  const middle = (pick: (one: { first: number; map: number }) => number) => percentile(seen.map(pick), 50)
  return [
    { name: 'first paint', value: middle(({ first }) => first), unit: 'ms', aim: { of: 'value', atMost: 1_000 } },
    { name: 'map and states are there', value: middle(({ map }) => map), unit: 'ms' },
  ]
}

async function pan(browser: Browser, { url }: World): Promise<Figure[]> {
  const { page: tab, close } = await visit(browser)
  await open(tab, `${url}/function/city/`, 'map')
  const { width = 0, height = 0 } = (await tab.locator('canvas.maplibregl-canvas').boundingBox()) ?? {}
  const pans: Drawing[] = []
  const bare: Drawing[] = []
  for (let i = 0; i < PANS; i++) {
    pans.push(await panMap(browser, tab, PAN_SECONDS))
    bare.push(await clearCanvas(browser, width, height, PAN_SECONDS))
  }
  await close()
  const figure = (name: string, unit: string, pick: (drawing: Drawing) => number): Figure => ({
    ...{ name, unit, value: percentile(pans.map(pick), 50) },
    reference: { name: 'a bare canvas, cleared', value: percentile(bare.map(pick), 50) },
  })
  return [
    {
      ...figure('frames while panning', '/s', ({ framesPerSecond }) => framesPerSecond),
      aim: { of: 'value', atLeast: 30 },
    },
    ...['GPU', 'renderer'].map((type) =>
      figure(`processor time of a frame, ${type}`, 'ms', ({ costs }) => costs.get(type) ?? 0),
    ),
  ]
}

/** The delay of a state from the log to the last of many clients, and what they cost the process. */
async function clients({ url, database, startDirect }: World): Promise<Figure[]> {
  const city = await startDirect('city')
  await fetch(`${city.url}/api/traffic-status`).then((answer) => answer.arrayBuffer())
  const before = memoryOf(city.pid).now
  const crowd = await openCrowd(city.url, CLIENTS)
  const delays: number[] = []
  for (let n = 0; n < STATES; n++) {
    const segment = `newcomer-${n}`
    const heard = crowd.heard(segment)
    await post(url, [{ device: segment, observedAt: new Date().toISOString(), measures: { speed: 30, count: 1 } }])
    delays.push((await heard) - (await loggedAt(database, segment)))
  }
  const { now, peak } = memoryOf(city.pid)
  crowd.close()
  const reference = { name: 'before the clients', value: before }
  return [
    { name: `state to the last of ${CLIENTS} clients, p50`, value: percentile(delays, 50), unit: 'ms' },
    { name: 'the slowest', value: Math.max(...delays), unit: 'ms', aim: { of: 'value', atMost: 2_000 } },
    { name: 'memory of city', value: now, unit: 'MB', reference, aim: { of: 'value', atMost: 150 } },
    { name: 'its peak', value: peak, unit: 'MB' },
  ]
}

async function loggedAt(database: Database, segment: string): Promise<number> {
  const { rows } = await database.query<{ at: number }>(
    `select date_part('epoch', min(appended_at)) * 1000 as at from log where topic = 'traffic.states' and key = $1`,
    [segment],
  )
  return rows[0]?.at ?? Number.NaN
}
