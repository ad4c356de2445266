import type { PageSettings } from '#shared/contracts/page.ts'
import type { TrafficState } from '#shared/contracts/traffic.ts'
import { expireFeature, patchFeature, type Segments, timeOf } from './city.ts'
import type { CityStatus } from './client.ts'
import type { LinkState } from './link.ts'

/** All that the page shows, at one moment; another object whenever something changed. */
export interface Traffic {
  /** City time in milliseconds when the city last told it; 0 before the first status came. */
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
  /** Takes how fresh the page is; told again and again while `stale`, what is too old to be true becomes unknown. */
  setLink(link: LinkState): void
  setSettings(settings: PageSettings): void
}

/** Changes within this time are drawn together. */
const TOGETHER_MS = 100

/** Makes an empty store; `later` calls a function after so many milliseconds, `now` is the monotonic clock. */
export function trafficStore(later: (run: () => void, ms: number) => unknown, now: () => number): TrafficStore {
  const listeners = new Set<() => void>()
  let shown: Traffic = { asOf: 0, segments: new Map(), link: 'reconnecting', settings: undefined }
  let segments = new Map(shown.segments)
  let { asOf } = shown
  let read = { asOf, at: now() }
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

  /** How much time passed in the city that does not answer nobody knows: at least as much as here. */
  const expire = () => {
    const at = Math.max(asOf, read.asOf + now() - read.at)
    let changed = false
    for (const [id, known] of segments) {
      const feature = expireFeature(known, at)
      if (feature === known) continue
      segments.set(id, feature)
      changed = true
    }
    if (changed) plan()
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
      read = { asOf, at: now() }
      for (const state of since) patch(state)
      show({ asOf, segments: new Map(segments) })
    },
    patch,
    setLink(link) {
      if (link !== shown.link) show({ link })
      if (link === 'stale') expire()
    },
    setSettings: (settings) => show({ settings }),
  }
}
