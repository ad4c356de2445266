import { lazy, Suspense, useEffect, useRef } from 'react'
import type { TrafficStatus } from '#shared/contracts/traffic-status.ts'
import { hrefOf, type Route } from '../route.ts'
import { nameOf } from '../traffic/city.ts'
import type { CityClient } from '../traffic/client.ts'
import type { Traffic } from '../traffic/store.ts'
import { Devices } from './devices.tsx'
import { SegmentFacts } from './segment-facts.tsx'
import './segment-panel.css'
import { useFocusHere } from './use-focus-here.ts'
import { usePast } from './use-past.ts'

const PastDay = lazy(() => import('./past-day.tsx').then(({ PastDay }) => ({ default: PastDay })))

/** Everything about the segment that the address names. */
export function SegmentPanel(props: { traffic: Traffic; route: Route; client: CityClient }) {
  const { traffic, route, client } = props
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

  const status = route.segment === undefined ? undefined : traffic.segments.get(route.segment)?.properties
  return (
    <section id="panel" aria-labelledby="panel-title" data-segment={route.segment} data-level={status?.level}>
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
        <Known key={status.segment} status={status} traffic={traffic} client={client} />
      ) : (
        <p>The city knows no segment called “{route.segment}”.</p>
      )}
    </section>
  )
}

function Known(props: { status: TrafficStatus; traffic: Traffic; client: CityClient }) {
  const { status, client } = props
  const { asOf, settings } = props.traffic
  const { past, failed } = usePast(client, status.segment, asOf, settings?.windowMs)
  const usual = past?.slots.find(({ windowStart }) => windowStart === status.windowStart)
  return (
    <>
      <SegmentFacts status={status} usual={usual} />
      {settings && past && (
        <Suspense>
          <PastDay status={status} past={past} settings={settings} />
        </Suspense>
      )}
      {settings && past && <Devices devices={past.devices} asOf={asOf} windowMs={settings.windowMs} />}
      {failed && <p className="quiet small">The past of this segment could not be read; trying again.</p>}
    </>
  )
}
