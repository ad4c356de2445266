import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { Browser, Page } from 'playwright-core'
import { until } from '../e2e/runtime.ts'
import { openBrowser } from './chromium.ts'
import { type City, liveTown, openCity } from './city.ts'
import { open, type Visit, visit } from './visit.ts'

let city: City
let browser: Browser
beforeAll(async () => {
  ;[city, browser] = await Promise.all([openCity(), openBrowser()])
  await liveTown(city)
})
afterAll(async () => {
  await browser?.close()
  await city?.close()
})

const STEPS = 20
/** MapLibre lets the first step of a drag pass, for it may be a click. */
const SLIP_PX = 20

// The slow one cannot draw every frame; which of the two ways to drag the other takes depends on the machine.
describe.each([20, 1])('a mouse that drags the map, on a processor %s times as slow,', (rate) => {
  let page: Page
  let reader: Visit
  beforeAll(async () => {
    reader = await visit(browser)
    page = reader.page
    await open(page, city.page, 'map')
    const session = await page.context().newCDPSession(page)
    await session.send('Emulation.setCPUThrottlingRate', { rate })
  })
  afterAll(() => reader?.close())

  it.each([
    ['at first', -160],
    ['again', 160],
    ['and again', -120],
  ])('takes every road along, %s', async (_time, by) => {
    const before = await namesOn(page)
    expect(before.length).toBeGreaterThan(2)
    await drag(page, by)
    await moved(page, before, by)
    expect(page.url()).not.toContain('segment')
  })

  it('finds every road where it is seen', async () => {
    const names = await namesOn(page)
    const quay = names.find(({ name }) => name === 'Franz-Josefs-Kai')
    if (!quay) throw new Error('the quay is not on the map')
    await page.mouse.click(quay.x - BESIDE_PX, quay.y)
    await page.locator('#panel[data-segment="quay-1"]').waitFor()
  })
})

it('a mouse drags every road along when the processor gets slow on the way', async () => {
  const reader = await visit(browser)
  try {
    const { page } = reader
    await open(page, city.page, 'map')
    const session = await page.context().newCDPSession(page)
    const before = await namesOn(page)
    const [x, y] = await middle(page)
    await page.mouse.move(x, y)
    await page.mouse.down()
    await page.mouse.move(x - 20, y - 10, { steps: 5 })
    await session.send('Emulation.setCPUThrottlingRate', { rate: 20 })
    // Whichever frame is one too many, a long way lies before it.
    for (let step = 0; step < 12; step++) await page.mouse.move(x + (step % 2 ? -160 : 160), y + (step % 2 ? -80 : 80))
    await page.mouse.up()
    await moved(page, before, -160)
    expect(page.url()).not.toContain('segment')
  } finally {
    await reader.close()
  }
})

/** How far from the road that runs north the edge of its name stands. */
const BESIDE_PX = 8

async function middle(page: Page): Promise<[number, number]> {
  const box = await page.locator('.map').boundingBox()
  if (!box) throw new Error('there is no map')
  return [box.x + box.width / 2, box.y + box.height / 2]
}

async function drag(page: Page, by: number): Promise<void> {
  const [x, y] = await middle(page)
  await page.mouse.move(x, y)
  await page.mouse.down()
  await page.mouse.move(x + by, y + by / 2, { steps: STEPS })
  await page.mouse.up()
}

interface Seen {
  name: string
  x: number
  y: number
}

/** Waits until every name is so much further to the right, and half as much down. */
const moved = (page: Page, before: Seen[], by: number): Promise<void> =>
  until(`every road is ${by} pixels further`, async () => {
    const after = await namesOn(page)
    return after.every(({ name, x, y }, i) => {
      const from = before[i]
      if (from?.name !== name) return false
      return Math.abs(x - from.x - by) < SLIP_PX && Math.abs(y - from.y - by / 2) < SLIP_PX
    })
  })

/** Where the names on the map are once it is drawn where it lies: the middle of the left edge of each. */
function namesOn(page: Page): Promise<Seen[]> {
  return page.evaluate(async () => {
    const frame = () => new Promise((resolve) => requestAnimationFrame(resolve))
    const carried = () => document.querySelector<HTMLElement>('.maplibregl-canvas-container')?.style.transform !== ''
    do {
      await frame()
      await frame()
    } while (carried())
    return [...document.querySelectorAll('.street')].map((element) => {
      const { left, top, height } = element.getBoundingClientRect()
      return { name: element.textContent ?? '', x: left, y: top + height / 2 }
    })
  })
}
