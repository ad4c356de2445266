import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { Browser } from 'playwright-core'
import { openBrowser, openBrowserWithoutWebGl } from './chromium.ts'
import { type City, liveTown, openCity } from './city.ts'
import { ROADS } from './roads.ts'
import { open, type Visit, visit } from './visit.ts'

let city: City
let browser: Browser
let reader: Visit
beforeAll(async () => {
  ;[city, browser] = await Promise.all([openCity(), openBrowser()])
  await liveTown(city)
  reader = await visit(browser)
})
afterAll(async () => {
  await browser?.close()
  await city?.close()
})

const segmentShown = () => new URLSearchParams(reader.page.url().split('?')[1]).get('segment')

describe('the address of a segment', () => {
  it.each(ROADS.map(({ segment, name }) => [segment, name ?? segment]))('%s opens its panel', async (segment, name) => {
    await open(reader.page, city.page, 'panel', segment)
    expect(await reader.page.locator('#panel h2').textContent()).toBe(name)
  })

  it('that nobody knows says so', async () => {
    await open(reader.page, city.page, 'panel', 'nowhere')
    expect(await reader.page.locator('#panel').textContent()).toContain('nowhere')
  })

  it('is left by Escape, and come back to by Back', async () => {
    const { page } = reader
    await open(page, city.page, 'panel', 'ring-2')
    await page.keyboard.press('Escape')
    await page.locator('#panel').waitFor({ state: 'detached' })
    expect(segmentShown()).toBeNull()
    await page.goBack()
    await page.locator('#panel').waitFor()
    expect(segmentShown()).toBe('ring-2')
  })
})

describe('the search', () => {
  it('finds a street by the keyboard alone', async () => {
    const { page } = reader
    await open(page, city.page, 'map')
    for (let presses = 0; presses < 30; presses++) {
      if (await page.evaluate(() => document.activeElement?.id === 'search')) break
      await page.keyboard.press('Tab')
    }
    await page.keyboard.type('kärnt')
    await page.getByRole('option').first().waitFor()
    await page.keyboard.press('Enter')
    await page.locator('#panel[data-segment="ring-2"]').waitFor()
    expect(segmentShown()).toBe('ring-2')
  })

  it('says when it finds nothing', async () => {
    const { page } = reader
    await open(page, city.page, 'map')
    await page.locator('#search').fill('zzz')
    await page.getByText('zzz').first().waitFor()
    expect(await page.getByRole('option').count()).toBe(0)
  })
})

describe('the list', () => {
  it('carries what the API says of every segment', async () => {
    const { page } = reader
    await open(page, city.page, 'list')
    const rows = await page.locator('tr[data-segment]').evaluateAll((found) =>
      found.map((row) => ({
        segment: row.getAttribute('data-segment'),
        level: row.getAttribute('data-level'),
        cells: [...row.children].map(({ textContent }) => (textContent ?? '').trim()),
      })),
    )
    const status = await city.status()
    expect(rows.map(({ segment }) => segment).sort()).toEqual(status.map(({ segment }) => segment).sort())
    for (const { segment, level, name, speedKmh, freeFlowKmh } of status) {
      const row = rows.find((one) => one.segment === segment)
      expect(row?.level).toBe(level)
      expect(row?.cells[0]).toContain(name ?? segment)
      const numbers = [speedKmh, freeFlowKmh].map((value) => (value === null ? '–' : String(Math.round(value))))
      expect(row?.cells).toEqual(expect.arrayContaining(numbers))
    }
  })
})

describe('a browser without WebGL', () => {
  let plain: Browser
  beforeAll(async () => {
    plain = await openBrowserWithoutWebGl()
  })
  afterAll(() => plain?.close())

  it('gets the list in the place of the map', async () => {
    const { page, complaints } = await visit(plain)
    await page.goto(city.page)
    expect(await page.evaluate(() => document.createElement('canvas').getContext('webgl2'))).toBeNull()
    await page.locator('tr[data-segment="quay-1"][data-level="slow"]').waitFor()
    expect(await page.locator('canvas.maplibregl-canvas').count()).toBe(0)
    expect(complaints).toEqual([])
  })
})
