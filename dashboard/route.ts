import { useSyncExternalStore } from 'react'

/** What the address asks for: the views, and the segment whose panel is open. */
export interface Route {
  view: 'map' | 'list' | 'operator'
  segment: string | undefined
}

const VIEWS = ['map', 'list', 'operator'] as const

/** Reads the part of an address behind its `#`: `#/list?segment=ring-1`; what it does not know is the map. */
export function parseRoute(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?', 2)
  const view = VIEWS.find((name) => name === path) ?? 'map'
  return { view, segment: new URLSearchParams(query).get('segment') ?? undefined }
}

/** The address of a route, to be given to a link. */
export function hrefOf({ view, segment }: Route): string {
  const query = segment === undefined ? '' : `?${new URLSearchParams({ segment })}`
  return `#/${view === 'map' ? '' : view}${query}`
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
