import { useSyncExternalStore } from 'react'

/** What the address asks for: the views, the segment whose panel is open, and how far ahead the city is shown. */
export interface Route {
  view: 'map' | 'list' | 'operator'
  segment: string | undefined
  /** Minutes ahead; undefined stands for now. */
  minutes: number | undefined
}

const VIEWS = ['map', 'list', 'operator'] as const

/** Reads the part of an address behind its `#`: `#/list?segment=ring-1&in=30`; what it does not know is the map, now. */
export function parseRoute(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?', 2)
  const view = VIEWS.find((name) => name === path) ?? 'map'
  const asked = new URLSearchParams(query)
  const ahead = asked.get('in') ?? ''
  const minutes = /^[1-9]\d?$/.test(ahead) ? Number(ahead) : undefined
  return { view, segment: asked.get('segment') ?? undefined, minutes }
}

/** The address of a route, to be given to a link. */
export function hrefOf({ view, segment, minutes }: Route): string {
  const asked = new URLSearchParams()
  if (segment !== undefined) asked.set('segment', segment)
  if (minutes !== undefined) asked.set('in', String(minutes))
  return `#/${view === 'map' ? '' : view}${asked.size === 0 ? '' : `?${asked}`}`
}

/** The route of the address bar, as it changes. */
export function useRoute(): Route {
  const hash = useSyncExternalStore(subscribe, () => location.hash)
  return parseRoute(hash)
}

function subscribe(onChange: () => void): () => void {
  addEventListener('hashchange', onChange)
  return () => removeEventListener('hashchange', onChange)
}
