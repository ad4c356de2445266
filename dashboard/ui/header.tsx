import { useMemo } from 'react'
import { hrefOf, type Route } from '../route.ts'
import { clockOf, nextWindow } from '../traffic/clock.ts'
import type { Traffic } from '../traffic/store.ts'
import './header.css'
import { LinkMark } from './link-mark.tsx'
import { Search } from './search.tsx'
import { useNow } from './use-now.ts'

const VIEWS = [
  ['map', 'Map'],
  ['list', 'List'],
  ['operator', 'Operator'],
] as const

/** What the page is, how fresh it is, and the ways to its views. */
export function Header({ traffic, route }: { traffic: Traffic; route: Route }) {
  return (
    <header className="bar">
      <h1>Traffic now</h1>
      <nav aria-label="Views">
        {VIEWS.map(([view, label]) => (
          <a
            key={view}
            href={hrefOf({ view, segment: view === 'operator' ? undefined : route.segment })}
            aria-current={view === route.view ? 'page' : undefined}
          >
            {label}
          </a>
        ))}
      </nav>
      <Search segments={traffic.segments} view={route.view} />
      <div className="fresh">
        <AsOf traffic={traffic} />
        <LinkMark traffic={traffic} />
      </div>
    </header>
  )
}

function AsOf({ traffic: { asOf, settings, link } }: { traffic: Traffic }) {
  const now = useNow()
  const timeZone = settings?.timeZone ?? null
  const clock = useMemo(() => clockOf(timeZone), [timeZone])
  if (asOf === 0) return <p id="as-of" />
  const day = clock.day(asOf, now)
  const zone = clock.zone(asOf)
  return (
    <p id="as-of">
      {day && <span className="day">{day}, </span>}
      as of <time dateTime={new Date(asOf).toISOString()}>{clock.time(asOf)}</time>
      {settings && link !== 'stale' && (
        <>
          , next <time>{clock.time(nextWindow(asOf, settings.windowMs))}</time>
        </>
      )}
      {zone && <abbr title={`Times are those of ${timeZone}`}> {zone}</abbr>}
    </p>
  )
}
