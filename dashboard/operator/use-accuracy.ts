import { useEffect, useState } from 'react'
import type { ForecastAccuracy } from '#shared/contracts/traffic-forecasts.ts'
import type { OperatorClient } from './client.ts'
import { pollWhileVisible } from './poll.ts'
import { NOTHING, type Part, partAfter } from './snapshot.ts'

/** Nothing is scored more often than a window ends. */
const EVERY_MS = 30_000

/** Follows how good the forecasts are, while the page is visible. */
export function useAccuracy(client: OperatorClient): Part<ForecastAccuracy> {
  const [part, setPart] = useState<Part<ForecastAccuracy>>(NOTHING)
  useEffect(() => {
    const look = async (signal: AbortSignal): Promise<boolean> => {
      const answer = await client.accuracy(signal)
      if (!signal.aborted) setPart((before) => partAfter(before, answer, Date.now()))
      return true
    }
    return pollWhileVisible(look, document, EVERY_MS, () => {}).stop
  }, [client])
  return part
}
