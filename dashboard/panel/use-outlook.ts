import { useMemo } from 'react'
import type { HorizonAccuracy, SegmentForecast } from '#shared/contracts/traffic-forecasts.ts'
import type { Forecasts } from '../forecast/forecast-feed.ts'
import type { CityClient } from '../traffic/client.ts'
import type { Known } from './known.ts'
import { useRead } from './use-read.ts'

/** What is expected of a segment, and how well the city's forecasts have been met. */
export interface Outlook {
  expected: SegmentForecast
  accuracy: HorizonAccuracy[]
}

/** Reads what is expected of a segment, and again when the city has newer forecasts. */
export function useOutlook(client: CityClient, segment: string, { known, failed }: Forecasts): Known<Outlook> {
  const looked = known !== undefined || failed
  const from = known?.from
  // biome-ignore lint/correctness/useExhaustiveDependencies: what the city's forecasts are made from tells when there are others
  const read = useMemo(() => {
    if (!looked) return undefined
    return async (signal: AbortSignal): Promise<Outlook> => {
      const [expected, accuracy] = await Promise.all([
        client.forecast(segment, signal),
        // A forecast is worth something, also where nobody says how much.
        client.accuracy(signal).then(
          ({ horizons }) => horizons,
          () => [],
        ),
      ])
      return { expected, accuracy }
    }
  }, [client, segment, looked, from])
  return useRead(read)
}
