import type { Browser, BrowserContextOptions, Page } from 'playwright-core'

/** One reader of the page, and what their browser saw. */
export interface Visit {
  page: Page
  /** Everything the page asked for, by address. */
  requested: string[]
  /** Bytes of JavaScript, by address, as the browser got them uncompressed. */
  scripts: Map<string, Promise<Buffer>>
  /** What the browser complained of: console errors, uncaught exceptions, breaches of the content security policy. */
  complaints: string[]
  close(): Promise<void>
}

/** The screens the page is made for. */
export const SCREENS = {
  phone: { width: 390, height: 844 },
  desk: { width: 1280, height: 800 },
  wall: { width: 1920, height: 1080 },
}

/** Comes to the page as somebody who was never there. */
export async function visit(browser: Browser, options: BrowserContextOptions = {}): Promise<Visit> {
  const context = await browser.newContext({
    viewport: SCREENS.desk,
    locale: 'en-GB',
    timezoneId: 'Europe/Vienna',
    colorScheme: 'light',
    reducedMotion: 'reduce',
    ...options,
  })
  // What a test waits for comes; when is no matter of it.
  context.setDefaultTimeout(120_000)
  const page = await context.newPage()
  const seen: Visit = {
    page,
    requested: [],
    scripts: new Map(),
    complaints: [],
    close: () => context.close(),
  }
  context.on('request', (request) => seen.requested.push(request.url()))
  context.on('response', (response) => {
    // What the page makes itself, as the map its worker, has come before.
    const isLoaded = response.url().startsWith('http')
    if (!isLoaded || !/javascript/.test(response.headers()['content-type'] ?? '')) return
    const body = response.body()
    // Who wants it hears of it.
    body.catch(() => {})
    seen.scripts.set(response.url(), body)
  })
  page.on('console', (message) => {
    if (message.type() === 'error') seen.complaints.push(message.text())
  })
  page.on('pageerror', (error) => seen.complaints.push(String(error)))
  page.on('crash', () => seen.complaints.push('the page crashed'))
  await page.exposeFunction('breached', (what: string) => seen.complaints.push(what))
  await page.addInitScript(`addEventListener('securitypolicyviolation', (event) =>
    breached('policy: ' + event.violatedDirective + ' ' + event.blockedURI))`)
  return seen
}

/** The views, and what each shows once it stands. */
const VIEWS = {
  map: { path: '', shows: ['.map[data-drawn]'] },
  panel: { path: '', shows: ['#panel', '.map[data-drawn]'] },
  list: { path: 'list', shows: ['tr[data-segment][data-level]'] },
  operator: { path: 'operator', shows: ['#functions'] },
}
export type View = keyof typeof VIEWS
export const views = Object.keys(VIEWS) as View[]

/** Opens a view, the panel of that segment, so many minutes ahead, and waits until it shows what it is for and is live. */
export async function open(
  page: Page,
  address: string,
  view: View,
  segment = 'quay-1',
  minutes?: number,
): Promise<void> {
  const { path, shows } = VIEWS[view]
  const asked = new URLSearchParams(view === 'panel' ? { segment } : {})
  if (minutes !== undefined) asked.set('in', String(minutes))
  const query = asked.size > 0 ? `?${asked}` : ''
  // Between addresses that differ behind the # only the browser loads nothing: each view is seen as by one who comes to it.
  await page.goto('about:blank')
  await page.goto(`${address}#/${path}${query}`)
  for (const part of shows) await page.locator(part).first().waitFor()
  await page.locator('#link[data-state=live]').waitFor()
}
