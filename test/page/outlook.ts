import type { Page } from 'playwright-core'
import type { ForecastSource } from '#shared/contracts/forecast.ts'
import type { Level } from '#shared/contracts/traffic.ts'
import { ForecastAccuracy, SegmentForecast, TrafficForecasts } from '#shared/contracts/traffic-forecasts.ts'
import { ROADS } from './roads.ts'

const MINUTE = 60_000
const WINDOW = 5 * MINUTE
const HORIZONS = [15, 30, 45, 60]

/** What is expected of a road at every horizon: 50 km/h are free flow, 43 usual. */
interface Told {
  segment: string
  source: ForecastSource
  p50Kmh: number
  level: Level
}

/** The roads of the town that have a forecast; the others have none. */
export const TOLD: Told[] = [
  { segment: 'ring-1', source: 'model', p50Kmh: 24, level: 'slow' },
  { segment: 'ring-2', source: 'model', p50Kmh: 8, level: 'stationary' },
  { segment: 'quay-1', source: 'model', p50Kmh: 47, level: 'free' },
  { segment: 'hill-1', source: 'profile', p50Kmh: 43, level: 'heavy' },
  { segment: 'hill-2', source: 'persistence', p50Kmh: 6, level: 'stationary' },
]

/** What the city answers about the next hour in the place of its own function. */
export interface Outlook {
  /** Answers the page as the contract says; `minutesOld` of the newest window, undefined for a city without current forecasts. */
  answer(minutesOld: number | undefined): void
  /** Answers with that status alone. */
  fail(status: number): void
  /** How often all forecasts were asked for. */
  asked(): number
  /** The time of day of a horizon, as the page writes it. */
  time(minutes: number): string
}

/** Answers a page about the next hour: the times are real, what is expected is not. */
export async function foresee(page: Page): Promise<Outlook> {
  let [failing, base, told, asked] = [0, 0, TOLD, 0]
  const iso = (at: number) => new Date(at).toISOString()
  const now = () => iso(Date.now())

  const outlookOf = (segment: string) => {
    const one = told.find((road) => road.segment === segment)
    const road = ROADS.find((road) => road.segment === segment)
    const points = HORIZONS.map((minutes) => ({
      minutes,
      windowStart: iso(base + minutes * MINUTE),
      p10Kmh: one?.source === 'model' ? one.p50Kmh - 6 : null,
      p50Kmh: one?.p50Kmh ?? 0,
      p90Kmh: one?.source === 'model' ? one.p50Kmh + 7 : null,
      level: one?.level ?? 'unknown',
    }))
    const { source = 'model' } = one ?? {}
    const made = {
      windowStart: iso(base),
      madeAt: iso(base + WINDOW + MINUTE),
      source,
      model: 'c0ffee'.repeat(10),
      points,
    }
    return { segment, name: road?.name ?? null, freeFlowKmh: 50, lengthKm: 1.2, forecast: one ? made : null }
  }
  const oneOf = (segment: string) => {
    const { forecast, ...rest } = outlookOf(segment)
    const points = forecast?.points.map((point) => ({ ...point, usualKmh: 43 }))
    return SegmentForecast.parse({ ...rest, asOf: now(), forecast: forecast && { ...forecast, points } })
  }
  const errors = (maeKmh: number) => ({ n: 1200, maeKmh, rmseKmh: 1.5 * maeKmh })
  const accuracy = () =>
    ForecastAccuracy.parse({
      asOf: now(),
      from: now(),
      horizons: HORIZONS.map((minutes) => ({
        minutes,
        ...errors(minutes / 10),
        ...{ coverage: 0.789, widthKmh: 13, sources: { model: 0.6, profile: 0.2, persistence: 0.2 } },
        ...{ model: errors(minutes / 11), persistence: errors(minutes / 8), profile: errors(5) },
      })),
    })

  const answers: [string, (url: URL) => unknown][] = [
    [
      '**/api/traffic-forecasts*',
      () => {
        asked += 1
        return TrafficForecasts.parse({ asOf: now(), segments: ROADS.map(({ segment }) => outlookOf(segment)) })
      },
    ],
    ['**/api/traffic-status/*/forecast', ({ pathname }) => oneOf(decodeURIComponent(pathname.split('/').at(-2) ?? ''))],
    ['**/api/forecast-accuracy*', accuracy],
  ]
  for (const [path, answer] of answers)
    await page.route(path, (route) =>
      failing > 0
        ? route.fulfill({ status: failing })
        : route.fulfill({ json: answer(new URL(route.request().url())) }),
    )
  const outlook: Outlook = {
    answer(minutesOld) {
      failing = 0
      told = minutesOld === undefined ? [] : TOLD
      base = Math.floor((Date.now() - (minutesOld ?? 0) * MINUTE) / WINDOW) * WINDOW
    },
    fail(status) {
      failing = status
    },
    asked: () => asked,
    time: (minutes) =>
      new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', timeZone: 'Europe/Vienna' }).format(
        base + minutes * MINUTE,
      ),
  }
  outlook.answer(5)
  return outlook
}
