import type { PageSettings } from '#shared/contracts/page.ts'
import type { TrafficState } from '#shared/contracts/traffic.ts'
import { patchFeature, type Segments, timeOf } from './city.ts'
import type { CityStatus } from './client.ts'
import type { LinkState } from './link.ts'

/** All that the page shows, at one moment; another object whenever something changed. */
export interface Traffic {
  /** City time in milliseconds; 0 before the first status came. */
  asOf: number
  segments: Segments
  link: LinkState
  /** Undefined until the city told them. */
  settings: PageSettings | undefined
}

/** Holds the traffic of the city; tells its listeners of many changes at once. */
export interface TrafficStore {
  get(): Traffic
  subscribe(listener: () => void): () => void
  /** Takes a status of the whole city, and the states that came while it was read. */
  replace(status: CityStatus, since: readonly TrafficState[]): void
  /** Takes a change; false when its segment is not known yet. */
  patch(state: TrafficState): boolean
  setLink(link: LinkState): void
  setSettings(settings: PageSettings): void
}

/** Changes within this time are drawn together. */
const TOGETHER_MS = 100

/** Makes an empty store; `later` calls a function after so many milliseconds. */
export function trafficStore(later: (run: () => void, ms: number) => unknown): TrafficStore {
  const listeners = new Set<() => void>()
  let shown: Traffic = { asOf: 0, segments: new Map(), link: 'reconnecting', settings: undefined }
  let segments = new Map(shown.segments)
  let { asOf } = shown
  let planned = false

  const show = (change: Partial<Traffic>) => {
    shown = { ...shown, ...change }
    for (const listener of listeners) listener()
  }

  const plan = () => {
    if (planned) return
    planned = true
    later(() => {
      planned = false
      show({ asOf, segments: new Map(segments) })
    }, TOGETHER_MS)
  }

  const patch = (state: TrafficState): boolean => {
    asOf = Math.max(asOf, timeOf(state))
    const known = segments.get(state.segment)
    if (!known) return false
    const feature = patchFeature(known, state, asOf)
    if (feature === known) return true
    segments.set(state.segment, feature)
    plan()
    return true
  }

  return {
    get: () => shown,
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    replace(status, since) {
      segments = new Map(status.features.map((feature) => [feature.id, feature]))
      asOf = status.asOf
      for (const state of since) patch(state)
      show({ asOf, segments: new Map(segments) })
    },
    patch,
    setLink(link) {
      if (link !== shown.link) show({ link })
    },
    setSettings: (settings) => show({ settings }),
  }
}
