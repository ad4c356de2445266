import { lazy, Suspense, useEffect, useRef } from 'react'
import type { TrafficStatus } from '#shared/contracts/traffic-status.ts'
import type { Shown } from '../forecast/use-shown.ts'
import { NO_FORECAST, WHY_NOT } from '../forecast/words.ts'
import { hrefOf } from '../route.ts'
import { nameOf } from '../traffic/city.ts'
import type { CityClient } from '../traffic/client.ts'
import type { Traffic } from '../traffic/store.ts'
import { AheadFacts } from './ahead-facts.tsx'
import { Devices } from './devices.tsx'
import { SegmentFacts } from './segment-facts.tsx'
import './segment-panel.css'
import { useFocusHere } from './use-focus-here.ts'
import { type Outlook, useOutlook } from './use-outlook.ts'
import { usePast } from './use-past.ts'

const SegmentCharts = lazy(() =>
  import('./segment-charts.tsx').then(({ SegmentCharts }) => ({ default: SegmentCharts })),
)

/** Everything about the segment that the address names: how it is now, is expected to be, and was. */
export function SegmentPanel(props: { shown: Shown; now: Traffic; client: CityClient }) {
  const { shown, now, client } = props
  const { route } = shown
  const title = useRef<HTMLHeadingElement>(null)
  useFocusHere(title, route.segment)
  const closed = hrefOf({ ...route, segment: undefined })
  useEffect(() => {
    const close = ({ key, defaultPrevented }: KeyboardEvent) => {
      if (key === 'Escape' && !defaultPrevented) location.hash = closed
    }
    addEventListener('keydown', close)
    return () => removeEventListener('keydown', close)
  }, [closed])

  const status = route.segment === undefined ? undefined : now.segments.get(route.segment)?.properties
  const level = route.segment === undefined ? undefined : shown.traffic.segments.get(route.segment)?.properties.level
  return (
    <section id="panel" aria-labelledby="panel-title" data-segment={route.segment} data-level={level}>
      <header>
        <h2 id="panel-title" ref={title} tabIndex={-1}>
          {status ? nameOf(status) : 'No such segment'}
        </h2>
        <a className="close" href={closed}>
          <span aria-hidden="true">×</span>
          <span className="away">Close</span>
        </a>
        {status?.name && <p className="quiet small">{status.segment}</p>}
      </header>
      {status ? (
        <Known key={status.segment} status={status} shown={shown} now={now} client={client} />
      ) : (
        <p>The city knows no segment called “{route.segment}”.</p>
      )}
    </section>
  )
}

function Known(props: { status: TrafficStatus; shown: Shown; now: Traffic; client: CityClient }) {
  const { status, shown, client } = props
  const { asOf, settings } = props.now
  const { route, standing } = shown
  const { value: past, failed } = usePast(client, status.segment, asOf, settings?.windowMs)
  const read = useOutlook(client, status.segment, shown.forecasts)
  // What was read is as old as all the city's forecasts are.
  const outlook = standing === 'here' ? read.value : undefined
  const usual = past?.slots.find(({ windowStart }) => windowStart === status.windowStart)
  const point = aheadPoint(shown, status.segment, outlook)
  return (
    <>
      {shown.ahead === undefined ? (
        <SegmentFacts status={status} usual={usual} />
      ) : point ? (
        <AheadFacts {...point} status={status} />
      ) : (
        <p className="verdict">{standing === 'here' ? NO_FORECAST : WHY_NOT[standing]}</p>
      )}
      {!shown.ahead && (standing !== 'here' || outlook?.expected.forecast === null) && standing !== 'loading' && (
        <p className="quiet small">{standing === 'here' ? NO_FORECAST : WHY_NOT[standing]}</p>
      )}
      {settings && (past || outlook) && (
        <Suspense>
          <SegmentCharts {...{ status, settings, past, outlook, asOf, route }} />
        </Suspense>
      )}
      {settings && past && <Devices devices={past.devices} asOf={asOf} windowMs={settings.windowMs} />}
      {failed && <p className="quiet small">The past of this segment could not be read; trying again.</p>}
      {read.failed && standing === 'here' && (
        <p className="quiet small">The forecast for this segment could not be read; trying again.</p>
      )}
    </>
  )
}

/** What is expected at the time that is shown, as on the map; what is usual then comes with the segment's own answer. */
function aheadPoint({ ahead, time }: Shown, segment: string, outlook: Outlook | undefined) {
  const expected = ahead?.expected.get(segment)
  if (!expected || time === undefined) return undefined
  const { point, source } = expected
  const own = outlook?.expected.forecast?.points.find(({ windowStart }) => windowStart === point.windowStart)
  const { lengthKm = null } = outlook?.expected ?? {}
  return { point: { ...point, usualKmh: own?.usualKmh ?? null }, source, time, lengthKm }
}
