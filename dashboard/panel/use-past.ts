import { useEffect, useState } from 'react'
import type { CityClient, Range } from '../traffic/client.ts'
import { nextWindow } from '../traffic/clock.ts'
import { afterRead, type PastKnown, UNREAD } from './past.ts'

const DAY = 24 * 60 * 60 * 1000
const TRY_AGAIN_MS = 5000

/** Reads a segment's past, and again with every window. */
export function usePast(client: CityClient, segment: string, asOf: number, windowMs: number | undefined): PastKnown {
  const [known, setKnown] = useState(UNREAD)
  const [failures, setFailures] = useState(0)
  const to = windowMs === undefined ? undefined : nextWindow(asOf, windowMs)

  // biome-ignore lint/correctness/useExhaustiveDependencies: a failure is what makes it read again
  useEffect(() => {
    if (to === undefined) return
    const stop = new AbortController()
    let timer: ReturnType<typeof setTimeout> | undefined
    const from = to - DAY
    const range: Range = { from: new Date(from).toISOString(), to: new Date(to).toISOString() }
    const read = Promise.all([
      client.history(segment, range, stop.signal),
      client.profile(segment, range, stop.signal),
      client.devices(segment, stop.signal),
    ])
    read.then(
      ([states, slots, devices]) => {
        if (!stop.signal.aborted) setKnown((before) => afterRead(before, { from, to, states, slots, devices }))
      },
      () => {
        if (stop.signal.aborted) return
        setKnown((before) => afterRead(before, undefined))
        timer = setTimeout(() => setFailures((count) => count + 1), TRY_AGAIN_MS)
      },
    )
    return () => {
      stop.abort()
      clearTimeout(timer)
    }
  }, [client, segment, to, failures])
  return known
}
