import { setTimeout as delay } from 'node:timers/promises'
import type { Browser, Page } from 'playwright-core'

/** How the browser drew over some seconds. */
export interface Drawing {
  framesPerSecond: number
  /** Processor time of a frame, in milliseconds, by the browser's kinds of process: the rasteriser is GPU. */
  costs: Map<string, number>
}

/** Chromium tells a frame of the page that it put on the screen by this event. */
const FRAME = 'DrawFrame'
// Nothing else: what is traced costs time, too.
const CATEGORIES = ['-*', 'disabled-by-default-devtools.timeline.frame']
/** A hand's events come as often as the screen is drawn. */
const INPUT_MS = 16

/** Drags the map in circles for so long, and counts its frames in Chromium's own trace. */
export async function panMap(browser: Browser, page: Page, seconds: number): Promise<Drawing> {
  const box = await page.locator('canvas.maplibregl-canvas').boundingBox()
  if (!box) throw new Error('there is no map')
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2]
  const session = await page.context().newCDPSession(page)
  await page.mouse.move(x, y)
  await page.mouse.down()
  let angle = 0
  // Not waited for: a hand does not wait for the frame that its move has made.
  const moving = setInterval(() => {
    angle += 0.04
    const at = { x: x + Math.sin(angle) * box.width * 0.3, y: y + (1 - Math.cos(angle)) * box.height * 0.15 }
    session.send('Input.dispatchMouseEvent', { type: 'mouseMoved', button: 'left', buttons: 1, ...at }).catch(() => {})
  }, INPUT_MS)
  try {
    return await countFrames(browser, page, seconds)
  } finally {
    clearInterval(moving)
    await page.mouse.up()
    await session.detach()
  }
}

/** Clears a bare WebGL canvas of that size in every frame: what the same browser does at best. */
export async function clearCanvas(browser: Browser, width: number, height: number, seconds: number): Promise<Drawing> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
  await page.setContent(`<canvas width="${width}" height="${height}"></canvas>`)
  await page.evaluate(() => {
    const gl = document.querySelector('canvas')?.getContext('webgl2', { antialias: false, stencil: true })
    if (!gl) throw new Error('there is no WebGL')
    const draw = (at: number) => {
      gl.clearColor((at / 1000) % 1, 0.5, 0.5, 1)
      gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT | gl.STENCIL_BUFFER_BIT)
      requestAnimationFrame(draw)
    }
    requestAnimationFrame(draw)
  })
  const drawing = await countFrames(browser, page, seconds)
  await page.close()
  return drawing
}

async function countFrames(browser: Browser, page: Page, seconds: number): Promise<Drawing> {
  const before = await processorTimes(browser)
  await browser.startTracing(page, { categories: CATEGORIES })
  await delay(seconds * 1000)
  const trace = await browser.stopTracing()
  const after = await processorTimes(browser)
  const { traceEvents } = JSON.parse(trace.toString()) as { traceEvents: { name: string; ts: number }[] }
  const frames = traceEvents.filter(({ name }) => name === FRAME).map(({ ts }) => ts)
  const took = (Math.max(...frames) - Math.min(...frames)) / 1_000_000
  const costOf = (type: string) => (((after.get(type) ?? 0) - (before.get(type) ?? 0)) * 1000) / frames.length
  return {
    framesPerSecond: (frames.length - 1) / took,
    costs: new Map([...after.keys()].map((type) => [type, costOf(type)])),
  }
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
