import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { Browser } from 'playwright-core'
import { openBrowser } from './chromium.ts'
import { type City, liveTown, openCity } from './city.ts'
import { open, type View, type Visit, visit } from './visit.ts'

/** From the state on the log to the page that shows it: the aim is 2 s, and a busy machine adds to it. */
const SOON_MS = 10_000

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

/** When the state of that level was put on the log, in milliseconds of the real time. */
const loggedAt = (segment: string, level: string, since: number): Promise<number> =>
  city.runtime.retried(async (database) => {
    const { rows } = await database.query<{ at: number }>(
      `select date_part('epoch', min(appended_at)) * 1000 as at from log
       where topic = 'traffic.states' and key = $1 and appended_at > $2
       and convert_from(data, 'UTF8')::json ->> 'level' = $3`,
      [segment, new Date(since), level],
    )
    const at = rows[0]?.at
    if (typeof at !== 'number') throw new Error(`no state of ${segment} at ${level} is on the log`)
    return at
  })

/** Has the page note when it shows a segment at a level. */
const watchFor = (segment: string, level: string): Promise<number> =>
  reader.page.evaluate(
    ([id, wanted]) =>
      new Promise<number>((resolve) => {
        const look = () => {
          if (document.querySelector(`[data-segment="${id}"][data-level="${wanted}"]`)) resolve(Date.now())
          else requestAnimationFrame(look)
        }
        look()
      }),
    [segment, level],
  )

describe('a level that changes', () => {
  it.each([
    ['list', 'ring-1', 4, 'slow'],
    ['map', 'ring-2', 3, 'slow'],
  ] as [View, string, number, string][])(
    'is in the %s soon after its state',
    async (view, segment, speedKmh, level) => {
      await open(reader.page, city.page, view)
      const shown = watchFor(segment, level)
      const since = Date.now()
      await city.measure(segment, speedKmh)
      const waited = (await shown) - (await loggedAt(segment, level, since))
      expect(waited).toBeGreaterThan(0)
      expect(waited).toBeLessThanOrEqual(SOON_MS)
    },
  )
})

describe('a city whose runtime is killed', () => {
  it('is shown as stale, and heals by itself when the runtime is back', async () => {
    const { page } = reader
    await open(page, city.page, 'list')
    await page.evaluate(() => Object.assign(window, { neverLoadedAgain: true }))
    expect(await city.runtime.crash()).toEqual([])
    await page.locator('#link[data-state=stale]').waitFor()
    // What was known is still there to be read.
    expect(await page.locator('[data-segment="quay-1"]').count()).toBeGreaterThan(0)
    await city.runtime.start()
    await page.locator('#link[data-state=live]').waitFor()
    const shown = watchFor('quay-1', 'stationary')
    await city.measure('quay-1', 3)
    await shown
    expect(await page.evaluate(() => 'neverLoadedAgain' in window)).toBe(true)
  })
})
