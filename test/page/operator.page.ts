import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { Browser, Page } from 'playwright-core'
import { logAppend } from '#shared/state/log-append.ts'
import { until } from '../e2e/runtime.ts'
import { accessibilityFaults, overflow } from './audit.ts'
import { openBrowser } from './chromium.ts'
import { type City, openCity } from './city.ts'
import { SCREENS, visit } from './visit.ts'

const POISON = 'poison-1'
const CURED = 'loop quay-1@2026-01-01T08:00:00.000Z'

let city: City
let browser: Browser
beforeAll(async () => {
  ;[city, browser] = await Promise.all([openCity({ authMode: 'keys' }), openBrowser()])
  await bury()
})
afterAll(async () => {
  await browser?.close()
  await city?.close()
})

/** One event that no replay mends, and one whose fault has gone since. */
async function bury(): Promise<void> {
  const type = 'city.junction.readings.v1'
  const good = {
    device: 'loop quay-1',
    observedAt: '2026-01-01T08:00:00.000Z',
    measures: { speed: 42 },
    receivedAt: '2026-01-01T08:00:00.000Z',
    quality: { flags: [], confidence: 1 },
  }
  const poison = { topic: 'readings', partition: 0, key: POISON, id: POISON, type, attributes: { source: '/test' } }
  await city.runtime.retried(async (database) => {
    await logAppend(database, [{ ...poison, data: Buffer.from('{"device":') }])
    await database.query(
      `insert into dead_letter (consumer, topic, partition, "offset", event_id, reason, error_class, error, headers, body)
       values ('detect-congestion', 'readings', 0, 0, $1, 'attempts_exhausted', 'unexpected', 'boom', $2, $3)`,
      [CURED, JSON.stringify({ source: '/function/ingest', type }), Buffer.from(JSON.stringify(good))],
    )
  })
  await until('both are dead letters', async () => {
    const { rows } = await city.runtime.retried((database) => database.query('select 1 from dead_letter'))
    return rows.length === 2
  })
}

async function openSignIn(options = {}): Promise<Page> {
  const { page } = await visit(browser, options)
  await page.goto(`${city.page}#/operator`)
  await page.locator('#sign-in').waitFor()
  return page
}

async function signIn(page: Page, token = city.operatorToken()): Promise<void> {
  await page.getByLabel("Operator's token").fill(token)
  await page.keyboard.press('Enter')
}

const letter = (page: Page, id: string) => page.locator('#dead-letters [data-dead-letter]', { hasText: id })

describe('the operator view of a city with keys', () => {
  it('shows nothing to somebody with a wrong token', async () => {
    const page = await openSignIn()
    await signIn(page, 'guessed')
    const refusal = page.locator('#sign-in [role=alert]')
    await refusal.waitFor()
    const again = page.waitForResponse((response) => response.status() === 401)
    await signIn(page, 'guessed')
    await again
    await refusal.waitFor()
    expect(await page.locator('#operator').count()).toBe(0)
    expect(await page.content()).not.toContain(POISON)
    await page.context().close()
  })

  it('opens by the right token, in this tab alone and never in an address', async () => {
    const { page, requested, close } = await visit(browser)
    await page.goto(`${city.page}#/operator`)
    await signIn(page)
    for (const part of ['#functions', '#consumers', '#dead-letters', '#sensors']) await page.locator(part).waitFor()
    const table = page.locator('#functions')
    for (const name of ['ingest', 'detect-congestion', 'city']) await table.getByText(name, { exact: true }).waitFor()
    await page.reload()
    await page.locator('#functions').waitFor()
    expect(requested.concat(page.url()).filter((url) => url.includes(city.operatorToken()))).toEqual([])
    const other = await page.context().newPage()
    await other.goto(`${city.page}#/operator`)
    await other.locator('#sign-in').waitFor()
    await close()
  })

  it('lists dead letters with their reason, and brings back the one that can be', async () => {
    const page = await openSignIn()
    await signIn(page)
    await letter(page, POISON).getByRole('button', { name: 'Replay' }).click()
    await letter(page, POISON).getByText('Failed again').waitFor()
    await letter(page, CURED).getByText('boom').waitFor()
    await letter(page, CURED).getByRole('button', { name: 'Replay' }).click()
    await letter(page, CURED).getByText('Brought back').waitFor()
    const { rows } = await city.runtime.retried((database) =>
      database.query('select event_id, resolution, replays from dead_letter order by event_id'),
    )
    expect(rows).toEqual([
      { event_id: CURED, resolution: 'replayed', replays: 1 },
      { event_id: POISON, resolution: null, replays: 1 },
    ])
    await page.context().close()
  })
})

describe.each(['light', 'dark'] as const)('in %s', (colorScheme) => {
  it('axe-core finds nothing serious in the sign-in, refused or not, nor behind it', async () => {
    const page = await openSignIn({ colorScheme })
    expect(await accessibilityFaults(page)).toEqual([])
    await signIn(page, 'guessed')
    await page.locator('#sign-in [role=alert]').waitFor()
    expect(await accessibilityFaults(page)).toEqual([])
    await signIn(page)
    await letter(page, POISON).waitFor()
    expect(await accessibilityFaults(page)).toEqual([])
    await page.context().close()
  })
})

describe.each(Object.entries(SCREENS))('on a %s screen', (_name, viewport) => {
  it('neither sign-in nor dead letters scroll sideways', async () => {
    const page = await openSignIn({ viewport })
    expect(await overflow(page)).toEqual([])
    await signIn(page)
    await letter(page, POISON).waitFor()
    expect(await overflow(page)).toEqual([])
    await page.context().close()
  })
})
