import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import type { TrafficForecasts } from '#shared/contracts/traffic-forecasts.ts'
import type { TrafficHistory } from '#shared/contracts/traffic-status.ts'
import { until } from '../e2e/runtime.ts'
import { openBrowser } from './chromium.ts'
import { type City, openCity } from './city.ts'
import { open, SCREENS, type View, visit } from './visit.ts'

const NOWHERE = { type: 'FeatureCollection' as const, features: [] }
/** The generated city is worth a picture when so much of it is known. */
const KNOWN = 0.8
const HOUR_MS = 3_600_000

const { values } = parseArgs({ options: { out: { type: 'string', default: 'screenshots' } } })

async function main(): Promise<void> {
  mkdirSync(values.out, { recursive: true })
  const browser = await openBrowser()
  try {
    await within(await openCity({ network: NOWHERE }), (city) => emptyCity(browser, city))
    await within(await openCity({ network: NOWHERE, authMode: 'keys' }), (city) => signIn(browser, city))
    await within(await openCity({ network: NOWHERE, args: ['--demo'] }), (city) => demoCity(browser, city))
  } finally {
    await browser.close()
  }
}

async function within(city: City, work: (city: City) => Promise<void>): Promise<void> {
  try {
    await work(city)
  } finally {
    await city.close()
  }
}

async function keep(page: Page, name: string): Promise<void> {
  const path = join(values.out, `${name}.png`)
  if ((await page.locator('#panel').count()) > 0) await page.locator('#panel canvas').first().waitFor()
  await page.screenshot({ path })
  console.log(path)
}

async function picture(
  browser: Browser,
  name: string,
  options: BrowserContextOptions,
  work: (page: Page) => Promise<void>,
) {
  const { page, close } = await visit(browser, options)
  await work(page)
  await keep(page, name)
  await close()
}

const emptyCity = (browser: Browser, { page: address }: City) =>
  picture(browser, 'empty-city', {}, async (page) => {
    await page.goto(address)
    await page.locator('#link[data-state=live]').waitFor()
  })

async function signIn(browser: Browser, { page: address }: City): Promise<void> {
  await picture(browser, 'sign-in', {}, async (page) => {
    await page.goto(`${address}#/operator`)
    await page.locator('#sign-in').waitFor()
  })
}

async function demoCity(browser: Browser, city: City): Promise<void> {
  await until('the streets are coloured', async () => {
    const all = await city.status()
    return all.length > 0 && all.filter(({ level }) => level !== 'unknown').length >= KNOWN * all.length
  })
  const past = new URL(`api/traffic-status/${(await city.status())[0]?.segment}/history?limit=1`, city.page)
  await until('the last day is there', async () => {
    const { from, states } = (await (await fetch(past)).json()) as TrafficHistory
    return Date.parse(states[0]?.windowStart ?? '') - Date.parse(from) < HOUR_MS
  })
  const ahead = new URL('api/traffic-forecasts', city.page)
  await until('the model says what is expected of the streets', async () => {
    const { segments } = (await (await fetch(ahead)).json()) as TrafficForecasts
    return segments.filter(({ forecast }) => forecast?.source === 'model').length >= KNOWN * segments.length
  })
  const busiest = (await city.status()).sort((a, b) => (a.ratio ?? 9) - (b.ratio ?? 9))[0]?.segment ?? ''
  const shots: [name: string, view: View, options: BrowserContextOptions, minutes?: number][] = [
    ['map', 'map', {}],
    ['map-dark', 'map', { colorScheme: 'dark' }],
    ['map-phone', 'map', phone],
    ['map-phone-dark', 'map', { ...phone, colorScheme: 'dark' }],
    ['map-wall', 'map', { viewport: SCREENS.wall }],
    ['map-wall-dark', 'map', { viewport: SCREENS.wall, colorScheme: 'dark' }],
    ['panel', 'panel', {}],
    ['panel-dark', 'panel', { colorScheme: 'dark' }],
    ['panel-phone', 'panel', phone],
    ['panel-wall', 'panel', { viewport: SCREENS.wall }],
    ['ahead', 'map', {}, 30],
    ['ahead-dark', 'map', { colorScheme: 'dark' }, 60],
    ['ahead-phone', 'map', phone, 30],
    ['ahead-wall', 'map', { viewport: SCREENS.wall }, 30],
    ['ahead-panel', 'panel', {}, 30],
    ['ahead-panel-dark', 'panel', { colorScheme: 'dark' }, 30],
    ['ahead-panel-phone', 'panel', phone, 30],
    ['ahead-list', 'list', {}, 30],
    ['ahead-list-phone', 'list', phone, 30],
    ['list', 'list', {}],
    ['list-dark', 'list', { colorScheme: 'dark' }],
    ['list-phone', 'list', phone],
    ['operator', 'operator', {}],
    ['operator-dark', 'operator', { colorScheme: 'dark' }],
    ['operator-phone', 'operator', phone],
    ['operator-wall', 'operator', { viewport: SCREENS.wall }],
  ]
  for (const [name, view, options, minutes] of shots)
    await picture(browser, name, options, (page) => open(page, city.page, view, busiest, minutes))
  await picture(browser, 'stale', {}, async (page) => {
    await open(page, city.page, 'map', busiest)
    await city.runtime.crash()
    await page.locator('#link[data-state=stale]').waitFor()
  })
}

const phone: BrowserContextOptions = { viewport: SCREENS.phone, deviceScaleFactor: 2, hasTouch: true, isMobile: true }

await main()
