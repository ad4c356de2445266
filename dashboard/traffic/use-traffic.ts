import { useSyncExternalStore } from 'react'
import type { Traffic, TrafficStore } from './store.ts'

/** The traffic of the city, as it changes. */
export const useTraffic = (store: TrafficStore): Traffic => useSyncExternalStore(store.subscribe, store.get)
