import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { Browser } from 'playwright-core'
import { until } from '../e2e/runtime.ts'
import { accessibilityFaults, overflow } from './audit.ts'
import { openBrowser } from './chromium.ts'
import { type City, liveTown, openCity } from './city.ts'
import { open, SCREENS, type Visit, views, visit } from './visit.ts'

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

describe.each(['light', 'dark'] as const)('in %s', (colorScheme) => {
  let reader: Visit
  beforeAll(async () => {
    reader = await visit(browser, { colorScheme })
  })
  afterAll(() => reader?.close())

  it.each(views)('axe-core finds nothing serious in the %s', async (view) => {
    await open(reader.page, city.page, view)
    expect(await accessibilityFaults(reader.page)).toEqual([])
  })

  it('axe-core would find an image without a text', async () => {
    await reader.page.evaluate(() => document.body.append(document.createElement('img')))
    expect(await accessibilityFaults(reader.page)).toEqual([expect.stringContaining('image-alt')])
  })
})

describe.each(Object.entries(SCREENS))('on a %s screen', (_name, viewport) => {
  let reader: Visit
  beforeAll(async () => {
    reader = await visit(browser, { viewport })
  })
  afterAll(() => reader?.close())

  it.each(views)('the %s does not scroll sideways', async (view) => {
    await open(reader.page, city.page, view)
    expect(await overflow(reader.page)).toEqual([])
  })

  it.each(['visible', 'hidden'])('something too wide would be seen, also where the body is %s', async (overflowX) => {
    await reader.page.evaluate((value) => {
      const wide = document.createElement('hr')
      Object.assign(wide.style, { width: '3000px', position: 'absolute', top: '0', height: '9px' })
      document.body.append(wide)
      document.body.style.overflowX = value
    }, overflowX)
    expect(await overflow(reader.page)).toContainEqual(expect.stringContaining('hr'))
  })
})

describe('a walk through every view', () => {
  let reader: Visit
  beforeAll(async () => {
    reader = await visit(browser)
    for (const view of views) {
      await open(reader.page, city.page, view)
      if (view === 'panel') await reader.page.locator('#panel canvas').first().waitFor()
    }
  })
  afterAll(() => reader?.close())

  it('asks nobody but the city', () => {
    const elsewhere = reader.requested.filter((url) => !/^(data|blob):/.test(url) && !url.startsWith(city.runtime.url))
    expect(elsewhere).toEqual([])
    expect(reader.requested.length).toBeGreaterThan(views.length)
  })

  it('gives the browser nothing to complain of', () => {
    expect(reader.complaints).toEqual([])
  })

  it('loads at most 400 kB of JavaScript', async () => {
    const scripts = await Promise.all(reader.scripts.values())
    const sizes = scripts.map((script) => gzipSync(script, { level: 9 }).length)
    // The page's own, what its parts share, the map, the operator's view, the charts.
    expect(sizes.length).toBe(5)
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(400_000)
  })

  it('would hear a breach of the policy, a failed script and another host', async () => {
    const { page, complaints, requested } = await visit(browser)
    await page.goto(city.page)
    await page.evaluate(() => {
      const image = new Image()
      image.src = 'http://elsewhere.example/a.png'
      document.body.append(image)
      setTimeout(() => {
        throw new Error('on purpose')
      })
    })
    for (const heard of ['policy: img-src', 'on purpose', 'elsewhere.example'])
      await until(`${heard} is heard`, async () => requested.concat(complaints).join('\n').includes(heard))
    await page.context().close()
  })
})
