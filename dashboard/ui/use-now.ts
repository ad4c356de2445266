import { useSyncExternalStore } from 'react'

const MINUTE = 60_000
const minute = () => Math.floor(Date.now() / MINUTE) * MINUTE

function subscribe(onChange: () => void): () => void {
  const timer = setInterval(onChange, 10_000)
  return () => clearInterval(timer)
}

/** Real time, to the minute. */
export const useNow = (): number => useSyncExternalStore(subscribe, minute)
