import { useEffect, useState } from 'react'
import { clockOf, span } from '../traffic/clock.ts'
import { type Concern, concernsOf, faultConcern, fewTroubles, spoken } from './overview.ts'
import { staleAfter } from './poll.ts'
import type { Snapshot } from './snapshot.ts'
import type { Operator } from './use-operator.ts'
import { pace } from './words.ts'

/** Whether all is well, or what needs a hand; the city clock; how fresh this is. */
export function OverviewLine({ operator, timeZone }: { operator: Operator; timeZone: string | null }) {
  const { snapshot } = operator
  const { status, sensors } = snapshot
  const concerns = concernsOf(status.value, sensors.value)
  if (status.fault !== undefined)
    concerns.unshift(faultConcern(status.fault, status.at ? clockTime(status.at) : undefined))
  const few = sensors.value ? fewTroubles(sensors.value) : ''
  const loaded = status.value !== undefined || sensors.value !== undefined
  const [first, ...others] = concerns
  return (
    <div className="overview">
      <div>
        <p className="away" role="status">
          {(loaded || first) && spoken(concerns)}
        </p>
        {first ? (
          <p className="head" data-level={first.level}>
            <Told concern={first} />
          </p>
        ) : (
          <p className="head" data-level={loaded ? 'good' : undefined}>
            {loaded ? (status.absent ? 'The sensors are well' : 'All well') : 'One moment…'}
          </p>
        )}
        {!first && few !== '' && <p className="quiet">{few}: too few to need a hand.</p>}
        {others.length > 0 && (
          <ul>
            {others.map((concern) => (
              <li key={concern.key} data-level={concern.level}>
                <Told concern={concern} />
              </li>
            ))}
          </ul>
        )}
      </div>
      <div className="side">
        {status.value && <CityClock clock={status.value.clock} timeZone={timeZone} />}
        <Freshness snapshot={snapshot} everyMs={operator.everyMs} />
        {operator.signedIn && (
          <button type="button" onClick={operator.signOut}>
            Sign out
          </button>
        )}
      </div>
    </div>
  )
}

/** In the viewer's own time, which is that of the looks. */
const clockTime = (at: number): string => new Date(at).toLocaleTimeString('en-GB')

function Told({ concern: { reason, what, section } }: { concern: Concern }) {
  const show = () => {
    const title = document.getElementById(`${section}-title`)
    title?.scrollIntoView({ block: 'start' })
    title?.focus({ preventScroll: true })
  }
  return (
    <button type="button" className="told" onClick={show}>
      <b>{reason}</b> <span>{what}</span>
    </button>
  )
}

type RuntimeClock = NonNullable<Snapshot['status']['value']>['clock']

function CityClock({ clock, timeZone }: { clock: RuntimeClock; timeZone: string | null }) {
  const at = Date.parse(clock.now)
  const words = clockOf(timeZone)
  const day = words.day(at, Date.now())
  return (
    <p id="city-clock">
      City time{' '}
      <time dateTime={clock.now}>
        {day && `${day}, `}
        <b>{words.time(at)}</b>
      </time>
      {words.zone(at) && ` ${words.zone(at)}`}, {pace(clock)}
    </p>
  )
}

function Freshness({ snapshot: { status, sensors }, everyMs }: { snapshot: Snapshot; everyMs: number }) {
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1_000)
    return () => clearInterval(timer)
  }, [])
  const at = Math.max(status.at, sensors.at)
  if (at === 0) return null
  const age = now - at
  return age > staleAfter(everyMs) ? (
    <p id="freshness" data-stale className="bad">
      Stale: no answer for {span(age)}
    </p>
  ) : (
    <p id="freshness" className="quiet">
      Seen {clockTime(at)}, every {span(everyMs)}
    </p>
  )
}
