import { isDeepStrictEqual } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { until } from '../e2e/runtime.ts'
import { accessibilityFaults, overflow } from './audit.ts'
import { openBrowser } from './chromium.ts'
import { type City, liveTown, openCity } from './city.ts'
import { legendOf } from './legend.ts'
import { foresee, type Outlook, TOLD } from './outlook.ts'
import { paintedPixels } from './painted.ts'
import { ROADS } from './roads.ts'
import { open, SCREENS, type View, type Visit, visit } from './visit.ts'

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

type Reader = Visit & { outlook: Outlook }
async function reader(options: BrowserContextOptions = {}): Promise<Reader> {
  const seen = await visit(browser, options)
  return { ...seen, outlook: await foresee(seen.page) }
}

/** The levels of the list, by segment. */
const levels = async (page: Page): Promise<Record<string, string | null>> =>
  Object.fromEntries(
    await page
      .locator('tr[data-segment]')
      .evaluateAll((rows) => rows.map((row) => [row.getAttribute('data-segment'), row.getAttribute('data-level')])),
  )
const expectedLevels = Object.fromEntries(
  ROADS.map(({ segment }) => [segment, TOLD.find((told) => told.segment === segment)?.level ?? 'unknown']),
)
/** The list follows a moment after the words. */
const untilLevels = (page: Page, wanted: Record<string, string | null>) =>
  until(`the list tells ${JSON.stringify(wanted)}`, async () => isDeepStrictEqual(await levels(page), wanted))
const said = async (page: Page, part: string) => (await page.locator(part).textContent())?.trim()

describe('the switch of the time shown', () => {
  let seen: Reader
  beforeAll(async () => {
    seen = await reader()
  })
  afterAll(() => seen?.close())

  it('is walked through by keys, and the address, the list and the words follow', async () => {
    const { page, outlook } = seen
    await open(page, city.page, 'list')
    expect(await said(page, 'h1')).toBe('Traffic now')
    const now = await levels(page)
    expect(now).not.toEqual(expectedLevels)
    await page.getByRole('radio', { name: 'Now' }).focus()
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('ArrowRight')
    await page.getByText(`Worst at ${outlook.time(30)}`).waitFor()
    expect(page.url()).toContain('#/list?in=30')
    await untilLevels(page, expectedLevels)
    expect(await said(page, 'h1')).toBe('Traffic forecast')
    expect(await said(page, '#as-of')).toContain(`for ${outlook.time(30)}`)
    expect(await said(page, '#legend')).toContain(`Forecast for ${outlook.time(30)}`)
    expect(await said(page, '#summary')).toBe(
      `Expected at ${outlook.time(30)}: slow or jammed on 3 of 5 segments; worst: Berggasse, 6 km/h.`,
    )
    await page.locator('.when label', { hasText: 'Now' }).click()
    await page.getByText('Worst now').waitFor()
    await untilLevels(page, now)
    expect(page.url()).not.toContain('in=')
  })

  it('tells the roads of which nothing is known, and where the others come from', async () => {
    const { page, outlook } = seen
    await open(page, city.page, 'list', undefined, 60)
    await page.getByText(`Worst at ${outlook.time(60)}`).waitFor()
    await untilLevels(page, expectedLevels)
    const source = (segment: string) => said(page, `tr[data-segment="${segment}"] .source`)
    expect(await Promise.all(['ring-1', 'hill-1', 'hill-2', 'silent-1'].map(source))).toEqual([
      ...['model', 'usual speed', 'newest speed', '–'],
    ])
    expect(await said(page, 'tr[data-segment="silent-1"] .level')).toContain('No forecast')
    expect(await said(page, '.origins')).toContain('1 from what is usual then, 1 from the newest speed')
  })

  it('stays with the reader from view to view and from road to road', async () => {
    const { page, outlook } = seen
    await open(page, city.page, 'map', undefined, 45)
    await page.locator('.worst a[data-segment="ring-1"]').click()
    await page.locator('#panel[data-level=slow]').waitFor()
    await page.getByRole('link', { name: 'List' }).click()
    await page.locator('tr[aria-current][data-segment="ring-1"][data-level=slow]').waitFor()
    expect(page.url()).toContain('segment=ring-1&in=45')
    await page.keyboard.press('Escape')
    await page.locator('#panel').waitFor({ state: 'detached' })
    expect(await said(page, '#as-of')).toContain(outlook.time(45))
  })

  it('paints the map in the colours of what is expected, and says so on it', async () => {
    const { page, outlook } = seen
    await open(page, city.page, 'map', undefined, 15)
    await page.locator('.for-when', { hasText: `Forecast for ${outlook.time(15)}` }).waitFor()
    const { looks } = await legendOf(page)
    const colourOf = (level: string) => looks.find((look) => look.level === level)?.colour ?? ''
    // Now there is a road that queues; nothing expected does.
    const [present, absent] = [['stationary', 'slow', 'free'].map(colourOf), colourOf('queuing')]
    await until('the map shows what is expected', async () => {
      const painted = await paintedPixels(page, [...present, absent])
      return present.every((colour) => (painted.get(colour) ?? 0) >= 40) && (painted.get(absent) ?? 0) < 40
    })
  })

  it('does not ask for forecasts because something happens', async () => {
    const { page, outlook } = seen
    // The page asks anew when they are old: not within this test.
    outlook.answer(0)
    await open(page, city.page, 'list', undefined, 30)
    await page.getByText(`Worst at ${outlook.time(30)}`).waitFor()
    const before = outlook.asked()
    const now = 'tr[data-segment^="port"] .now'
    for (const speed of [40, 20, 45]) {
      const shown = await said(page, now)
      await city.measure('port/1 & “2”', speed)
      await until('the list tells another speed', async () => (await said(page, now)) !== shown)
    }
    expect(outlook.asked()).toBe(before)
    expect(seen.complaints).toEqual([])
  })
})

describe('the panel of a road', () => {
  let seen: Reader
  beforeAll(async () => {
    seen = await reader()
  })
  afterAll(() => seen?.close())

  it('tells the next hour in sentences, a chart and a table', async () => {
    const { page, outlook } = seen
    await open(page, city.page, 'panel', 'ring-1')
    await page.locator('.hour canvas').waitFor()
    const hour = await said(page, '.hour')
    expect(hour).toContain(`Slower than usual at ${outlook.time(30)}: about 24 km/h, usually 43.`)
    expect(hour).toContain('This road then takes about 3 min, usually 2.')
    expect(hour).toContain('8 times of 10 it is between 18 and 31 km/h.')
    expect(hour).toContain("the last day's forecasts 30 min ahead were off by 3.0 km/h on average; 79 % of the speeds")
    const times = await page.locator('.hour tbody th').allTextContents()
    expect(times).toEqual(['Now', ...[15, 30, 45, 60].map(outlook.time)])
    await page.locator('.past canvas').waitFor()
  })

  it('tells first what is expected at the time that is shown, and is the way to other times', async () => {
    const { page, outlook } = seen
    const panel = page.locator('#panel')
    await open(page, city.page, 'panel', 'ring-1', 15)
    await panel.getByText(`expected at ${outlook.time(15)}`).waitFor()
    await page
      .locator('.hour')
      .getByRole('link', { name: outlook.time(60) })
      .click()
    await panel.getByText(`expected at ${outlook.time(60)}`).waitFor()
    expect(await said(page, '#panel .level b')).toBe('Slow')
    await page.locator('.hour').getByRole('link', { name: 'Now' }).click()
    await panel.getByText('expected at').waitFor({ state: 'detached' })
    expect(await said(page, '#panel .level b')).toBe('Free')
  })

  it.each([
    ['hill-1', 'what is usual at that time'],
    ['hill-2', 'the newest speed, as if nothing changed'],
    ['silent-1', 'No forecast for this road'],
  ])('of %s says that the model says nothing', async (segment, words) => {
    await open(seen.page, city.page, 'panel', segment, 30)
    await seen.page.locator('#panel', { hasText: words }).waitFor()
  })
})

describe('forecasts that are not there', () => {
  let seen: Reader
  beforeAll(async () => {
    seen = await reader()
  })
  afterAll(() => seen?.close())
  const grey = async () => Object.values(await levels(seen.page)).every((level) => level === 'unknown')

  it('yet, or any longer, leave the roads grey, and the reason is said', async () => {
    const { page, outlook } = seen
    outlook.answer(undefined)
    await open(page, city.page, 'list', undefined, 30)
    await page.getByText('There is no current forecast').waitFor()
    expect(await grey()).toBe(true)
  })

  it('since they cannot be read come by themselves once they can', async () => {
    const { page, outlook } = seen
    outlook.fail(503)
    await open(page, city.page, 'list', undefined, 30)
    await page.getByText('The forecast cannot be read; trying again.').waitFor()
    expect(await grey()).toBe(true)
    outlook.answer(5)
    await page.getByText(`Worst at ${outlook.time(30)}`).waitFor()
    await untilLevels(page, expectedLevels)
  })
})

const VIEWS: View[] = ['map', 'panel', 'list', 'operator']
const shownAhead = async ({ page }: Visit, view: View) => {
  await open(page, city.page, view, 'ring-1', 30)
  if (view === 'panel') await page.locator('.hour canvas').waitFor()
  if (view === 'operator') await page.locator('#forecasts tbody tr').first().waitFor()
}

describe.each(['light', 'dark'] as const)('in %s', (colorScheme) => {
  let seen: Reader
  beforeAll(async () => {
    seen = await reader({ colorScheme })
  })
  afterAll(() => seen?.close())

  it.each(VIEWS)('axe-core finds nothing serious in the %s ahead', async (view) => {
    await shownAhead(seen, view)
    expect(await accessibilityFaults(seen.page)).toEqual([])
  })
})

describe.each(Object.entries({ ...SCREENS, small: { width: 320, height: 640 } }))(
  'on a %s screen',
  (_name, viewport) => {
    let seen: Reader
    beforeAll(async () => {
      seen = await reader({ viewport })
    })
    afterAll(() => seen?.close())

    it.each(VIEWS)('the %s ahead does not scroll sideways', async (view) => {
      await shownAhead(seen, view)
      expect(await overflow(seen.page)).toEqual([])
    })
  },
)

describe('the operator view', () => {
  it('tells how far off forecasts were at each horizon, beside what is simpler, and which model is in service', async () => {
    const { page, close } = await reader()
    await open(page, city.page, 'operator')
    await page.locator('#forecasts tbody tr').first().waitFor()
    await page.locator('#forecasts .service').waitFor()
    const section = await said(page, '#forecasts')
    expect(section).toContain('Model in service: c0ffeec0ffee')
    expect(section).toContain('3 from the model, 1 from the usual speed, 1 from the newest speed')
    expect(await page.locator('#forecasts tbody tr').count()).toBe(4)
    const cells = await page.locator('#forecasts tbody tr').nth(1).locator('th, td').allTextContents()
    expect(cells).toEqual([
      ...[
        '30 min',
        '1,200',
        '3.0',
        '4.5',
        '2.7',
        '4.1',
        '3.8',
        '5.6',
        '5.0',
        '7.5',
        '78.9 %',
        '13.0',
        '60.0 %',
        '20.0 %',
        '20.0 %',
      ],
    ])
    await close()
  })
})
