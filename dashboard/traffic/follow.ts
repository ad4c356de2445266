import type { TrafficState } from '#shared/contracts/traffic.ts'
import type { CityClient } from './client.ts'
import { inTurn } from './in-turn.ts'
import { type LinkFacts, linkState } from './link.ts'
import type { TrafficStore } from './store.ts'

/** Only a status read anew makes a segment `unknown` that merely fell silent. */
const REFRESH_MS = 15_000
const TRY_AGAIN_MS = 4000
const SOON_MS = 1000
const LOOK_MS = 1000

/** A different wait for every page, so that a restart does not bring all of them at once. */
const spread = (ms: number): number => ms * (0.5 + Math.random())

/** Keeps the store up with the city: reads the status now and then, follows the changes, heals by itself; for ever. */
export function followCity(store: TrafficStore, client: CityClient, eventsUrl: URL): void {
  const facts: LinkFacts = { connected: false, heardAt: performance.now(), failedAt: undefined }
  /** States that come while a status is read are newer than it may be. */
  let since: TrafficState[] = []
  let timer: ReturnType<typeof setTimeout> | undefined
  let soon = false

  const tell = () => store.setLink(linkState(facts, performance.now()))
  const heard = () => {
    facts.heardAt = performance.now()
    tell()
  }

  const read = async () => {
    since = []
    try {
      if (!store.get().settings) store.setSettings(await client.settings())
      store.replace(await client.status(), since)
      heard()
    } catch {
      facts.failedAt = performance.now()
      tell()
    }
  }

  const reads = inTurn(read, () => {
    if (soon) return
    const failed = (facts.failedAt ?? 0) > facts.heardAt
    timer = setTimeout(refresh, failed ? spread(TRY_AGAIN_MS) : REFRESH_MS)
  })

  const refresh = () => {
    clearTimeout(timer)
    soon = false
    reads.join()
  }

  /** What is being read may be older than what made this needed. */
  const refreshAnew = () => {
    clearTimeout(timer)
    soon = false
    reads.anew()
  }

  const refreshSoon = () => {
    if (soon) return
    soon = true
    clearTimeout(timer)
    timer = setTimeout(refresh, spread(SOON_MS))
  }

  const listen = () => {
    const events = new EventSource(eventsUrl)
    events.onopen = () => {
      facts.connected = true
      heard()
      // What was missed while nobody listened comes only to those who were connected before.
      refreshAnew()
    }
    events.onerror = () => {
      // Is it the stream alone, or the city? The answer makes it "reconnecting" or "stale".
      if (facts.connected) refreshSoon()
      facts.connected = false
      tell()
      // After a refusal the browser gives up for good.
      if (events.readyState === EventSource.CLOSED) setTimeout(listen, spread(TRY_AGAIN_MS))
    }
    events.addEventListener('state', ({ data }) => {
      const state = JSON.parse(data) as TrafficState
      heard()
      if (reads.running()) since.push(state)
      if (!store.patch(state)) refreshSoon()
    })
    events.addEventListener('reset', refreshAnew)
  }

  addEventListener('online', refresh)
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') refresh()
  })
  setInterval(tell, LOOK_MS)
  listen()
  refresh()
}
