import type { Browser, Page } from 'playwright-core'

/** How the browser drew while the map was dragged. */
export interface Panning {
  framesPerSecond: number
  /** Processor time of a frame, in milliseconds, by the browser's kinds of process: the rasteriser is GPU. */
  costs: Map<string, number>
}

/** Chromium tells a frame of the page that it put on the screen by this event. */
const FRAME = 'DrawFrame'
const CATEGORIES = ['disabled-by-default-devtools.timeline.frame', 'devtools.timeline']

interface TraceEvent {
  name: string
  pid: number
  ts: number
}

/** Drags the map in circles for so long, and counts its frames in Chromium's own trace. */
export async function panMap(browser: Browser, page: Page, seconds: number): Promise<Panning> {
  const box = await page.locator('canvas.maplibregl-canvas').boundingBox()
  if (!box) throw new Error('there is no map')
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2]
  await page.mouse.move(x, y)
  await page.mouse.down()
  const before = await processorTimes(browser)
  await browser.startTracing(page, { categories: CATEGORIES })
  const began = performance.now()
  for (let angle = 0; performance.now() - began < seconds * 1000; angle += 0.05)
    await page.mouse.move(x + Math.sin(angle) * box.width * 0.3, y + (1 - Math.cos(angle)) * box.height * 0.15)
  const trace = await browser.stopTracing()
  const after = await processorTimes(browser)
  await page.mouse.up()
  const { traceEvents } = JSON.parse(trace.toString()) as { traceEvents: TraceEvent[] }
  const frames = traceEvents.filter(({ name }) => name === FRAME).map(({ ts }) => ts)
  const [first = 0, last = 0] = [Math.min(...frames), Math.max(...frames)]
  const costs = [...after].map(([type, at]): [string, number] => [
    type,
    ((at - (before.get(type) ?? 0)) * 1000) / frames.length,
  ])
  return { framesPerSecond: (frames.length - 1) / ((last - first) / 1_000_000), costs: new Map(costs) }
}

/** Seconds of processor time by kind of process. */
async function processorTimes(browser: Browser): Promise<Map<string, number>> {
  const session = await browser.newBrowserCDPSession()
  const { processInfo } = await session.send('SystemInfo.getProcessInfo')
  await session.detach()
  const times = new Map<string, number>()
  for (const { type, cpuTime } of processInfo) times.set(type, (times.get(type) ?? 0) + cpuTime)
  return times
}
