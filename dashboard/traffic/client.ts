import type { PageSettings, SegmentDevices, TrafficProfile } from '#shared/contracts/page.ts'
import type { ForecastAccuracy, SegmentForecast, TrafficForecasts } from '#shared/contracts/traffic-forecasts.ts'
import type { TrafficCollection, TrafficFeature, TrafficHistory } from '#shared/contracts/traffic-status.ts'

/** A read that hangs must not hold up the next one. */
const READ_MS = 20_000

/** The traffic of the whole city at one moment. */
export interface CityStatus {
  /** City time in milliseconds. */
  asOf: number
  features: TrafficFeature[]
}

/** A range of city time. */
export interface Range {
  from: string
  to: string
}

/** What the page reads of the function `city`. */
export interface CityClient {
  settings(): Promise<PageSettings>
  status(): Promise<CityStatus>
  history(segment: string, range: Range, signal: AbortSignal): Promise<TrafficHistory['states']>
  profile(segment: string, range: Range, signal: AbortSignal): Promise<TrafficProfile['slots']>
  devices(segment: string, signal: AbortSignal): Promise<SegmentDevices['devices']>
  forecasts(): Promise<TrafficForecasts>
  forecast(segment: string, signal: AbortSignal): Promise<SegmentForecast>
  /** Over the last 24 hours. */
  accuracy(signal: AbortSignal): Promise<ForecastAccuracy>
}

/** Reads the city's API at the address that `urlOf` gives to a path. */
export function cityClient(urlOf: (path: string) => URL, fetch: typeof globalThis.fetch): CityClient {
  const read = async (url: URL, signal?: AbortSignal): Promise<Response> => {
    const timeout = AbortSignal.timeout(READ_MS)
    const answer = await fetch(url, { signal: signal ? AbortSignal.any([signal, timeout]) : timeout })
    if (!answer.ok) throw new Error(`${url.pathname} answered ${answer.status}`)
    return answer
  }

  /** Reads page after page, as long as the answer names a next one. */
  const pages = async (path: string, each: (answer: Response) => Promise<void>, signal?: AbortSignal) => {
    for (let url: URL | undefined = urlOf(path); url; ) {
      const answer = await read(url, signal)
      await each(answer)
      const next = /<([^>]*)>; rel="next"/.exec(answer.headers.get('link') ?? '')?.[1]
      url = next === undefined ? undefined : new URL(next, url)
    }
  }

  const of = (segment: string, rest: string, range?: Range) => {
    const query = range ? `?${new URLSearchParams({ ...range })}` : ''
    return `api/traffic-status/${encodeURIComponent(segment)}/${rest}${query}`
  }

  return {
    settings: async () => (await (await read(urlOf('api/settings'))).json()) as PageSettings,
    async status() {
      const status: CityStatus = { asOf: 0, features: [] }
      await pages('api/traffic-status', async (answer) => {
        status.asOf = Date.parse(answer.headers.get('as-of') ?? '')
        status.features.push(...((await answer.json()) as TrafficCollection).features)
      })
      return status
    },
    async history(segment, range, signal) {
      const states: TrafficHistory['states'] = []
      const add = async (answer: Response) => {
        states.push(...((await answer.json()) as TrafficHistory).states)
      }
      await pages(of(segment, 'history', range), add, signal)
      return states
    },
    async profile(segment, range, signal) {
      const answer = await read(urlOf(of(segment, 'profile', range)), signal)
      return ((await answer.json()) as TrafficProfile).slots
    },
    async devices(segment, signal) {
      const answer = await read(urlOf(of(segment, 'devices')), signal)
      return ((await answer.json()) as SegmentDevices).devices
    },
    async forecasts() {
      const all: TrafficForecasts = { asOf: '', segments: [] }
      await pages('api/traffic-forecasts', async (answer) => {
        const { asOf, segments } = (await answer.json()) as TrafficForecasts
        all.asOf = asOf
        all.segments.push(...segments)
      })
      return all
    },
    async forecast(segment, signal) {
      return (await (await read(urlOf(of(segment, 'forecast')), signal)).json()) as SegmentForecast
    },
    async accuracy(signal) {
      return (await (await read(urlOf('api/forecast-accuracy?hours=24'), signal)).json()) as ForecastAccuracy
    },
  }
}
