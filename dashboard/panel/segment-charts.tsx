import type { PageSettings } from '#shared/contracts/page.ts'
import type { TrafficStatus } from '#shared/contracts/traffic-status.ts'
import type { Route } from '../route.ts'
import { NextHour } from './next-hour.tsx'
import type { Past } from './past.ts'
import { PastDay } from './past-day.tsx'
import type { Outlook } from './use-outlook.ts'

interface SegmentChartsProps {
  status: TrafficStatus
  settings: PageSettings
  /** Undefined until they could be read. */
  past: Past | undefined
  outlook: Outlook | undefined
  /** City time in milliseconds. */
  asOf: number
  route: Route
}

/** A segment over time: the next hour, where anything is expected, and the last day. */
export function SegmentCharts({ status, settings, past, outlook, asOf, route }: SegmentChartsProps) {
  const forecast = outlook?.expected.forecast
  return (
    <>
      {outlook && forecast && <NextHour {...{ forecast, outlook, past, status, settings, route, asOf }} />}
      {past && <PastDay status={status} past={past} settings={settings} />}
    </>
  )
}
