import { useMemo } from 'react'
import type { CityClient, Range } from '../traffic/client.ts'
import { nextWindow } from '../traffic/clock.ts'
import type { Known } from './known.ts'
import type { Past } from './past.ts'
import { useRead } from './use-read.ts'

const HOUR = 60 * 60 * 1000
const DAY = 24 * HOUR

const between = (from: number, to: number): Range => ({
  from: new Date(from).toISOString(),
  to: new Date(to).toISOString(),
})

/** Reads a segment's past, and again with every window. */
export function usePast(client: CityClient, segment: string, asOf: number, windowMs: number | undefined): Known<Past> {
  const to = windowMs === undefined ? undefined : nextWindow(asOf, windowMs)
  const read = useMemo(() => {
    if (to === undefined) return undefined
    return async (signal: AbortSignal): Promise<Past> => {
      const from = to - DAY
      const [states, slots, ahead, devices] = await Promise.all([
        client.history(segment, between(from, to), signal),
        client.profile(segment, between(from, to), signal),
        // What is usual is known from the days before a range: asked with the day before, this hour would lose one of them.
        client.profile(segment, between(to, to + HOUR), signal),
        client.devices(segment, signal),
      ])
      return { from, to, states, slots, ahead, devices }
    }
  }, [client, segment, to])
  return useRead(read)
}
