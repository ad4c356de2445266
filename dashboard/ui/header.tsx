import { useEffect, useMemo } from 'react'
import type { Ahead } from '../forecast/ahead.ts'
import type { Forecasts } from '../forecast/forecast-feed.ts'
import type { Shown } from '../forecast/use-shown.ts'
import { hrefOf } from '../route.ts'
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
export function Header({ shown }: { shown: Shown }) {
  const { traffic, route, ahead, forecasts } = shown
  const title = ahead ? 'Traffic forecast' : 'Traffic now'
  useEffect(() => {
    document.title = title
  }, [title])
  return (
    <header className="bar">
      <h1>{title}</h1>
      <nav aria-label="Views">
        {VIEWS.map(([view, label]) => (
          <a
            key={view}
            href={hrefOf(view === 'operator' ? { view, segment: undefined, minutes: undefined } : { ...route, view })}
            aria-current={view === route.view ? 'page' : undefined}
          >
            {label}
          </a>
        ))}
      </nav>
      <Search segments={traffic.segments} route={route} />
      <div className="fresh">
        {ahead ? <ForWhen traffic={traffic} ahead={ahead} forecasts={forecasts} /> : <AsOf traffic={traffic} />}
        <LinkMark traffic={traffic} />
      </div>
    </header>
  )
}

function AsOf({ traffic }: { traffic: Traffic }) {
  const { asOf, settings, link } = traffic
  if (asOf === 0) return <p id="as-of" />
  const next = settings && link !== 'stale' ? nextWindow(asOf, settings.windowMs) : undefined
  return <Times traffic={traffic} word="as of" at={asOf} then="next" later={next} />
}

/** Which moment a forecast is for, and when it was made. */
function ForWhen({ traffic, ahead, forecasts }: { traffic: Traffic; ahead: Ahead; forecasts: Forecasts }) {
  if (ahead.at === undefined) return <p id="as-of">no forecast</p>
  return <Times traffic={traffic} word="for" at={ahead.at} then="made" later={forecasts.known?.madeAt} />
}

interface TimesProps {
  traffic: Traffic
  word: string
  at: number
  then: string
  later: number | undefined
}

function Times({ traffic, word, at, then, later }: TimesProps) {
  const now = useNow()
  const timeZone = traffic.settings?.timeZone ?? null
  const clock = useMemo(() => clockOf(timeZone), [timeZone])
  const day = clock.day(at, now)
  const zone = clock.zone(at)
  return (
    <p id="as-of">
      {day && <span className="day">{day}, </span>}
      {word} <time dateTime={new Date(at).toISOString()}>{clock.time(at)}</time>
      {later !== undefined && (
        <>
          , {then} <time>{clock.time(later)}</time>
        </>
      )}
      {zone && <abbr title={`Times are those of ${timeZone}`}> {zone}</abbr>}
    </p>
  )
}
