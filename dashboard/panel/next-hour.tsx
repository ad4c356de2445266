import { useMemo, useState } from 'react'
import type { PageSettings, ProfileSlot } from '#shared/contracts/page.ts'
import type { SegmentForecast } from '#shared/contracts/traffic-forecasts.ts'
import type { TrafficStatus } from '#shared/contracts/traffic-status.ts'
import { accuracyOf, expectedOf, originOf, rangeOf, sureOf, travelOf } from '../forecast/words.ts'
import { hrefOf, type Route } from '../route.ts'
import { type Clock, clockOf } from '../traffic/clock.ts'
import { lookOf } from '../traffic/levels.ts'
import { whole } from '../traffic/words.ts'
import { LevelCue } from '../ui/level-cue.tsx'
import { useTheme } from '../ui/use-theme.ts'
import { Chart } from './chart.tsx'
import { type HourSeries, hourOf } from './hour-series.ts'
import './next-hour.css'
import type { Past } from './past.ts'
import type { Outlook } from './use-outlook.ts'

type Forecast = NonNullable<SegmentForecast['forecast']>

/** What is said first of the next hour where the address asks for no time. */
const FIRST = 30
const MINUTE = 60_000

interface NextHourProps {
  forecast: Forecast
  outlook: Outlook
  /** Undefined until it could be read. */
  past: Past | undefined
  status: TrafficStatus
  settings: PageSettings
  route: Route
  /** City time in milliseconds. */
  asOf: number
}

/** What is expected of a segment in the next hour, and how far such forecasts have been off. */
export function NextHour({ forecast, outlook, past, status, settings, route, asOf }: NextHourProps) {
  const { expected, accuracy } = outlook
  const { timeZone } = settings
  const clock = useMemo(() => clockOf(timeZone), [timeZone])
  const minutes = route.minutes ?? FIRST
  const point = forecast.points.find((one) => one.minutes >= minutes) ?? forecast.points.at(-1)
  const scored = accuracy.find((one) => one.minutes === point?.minutes)
  return (
    <section className="hour" aria-labelledby="hour-title">
      <h3 id="hour-title" className="caption">
        Next hour, km/h
      </h3>
      {route.minutes === undefined && point && (
        <>
          <p>
            {expectedOf(point, clock.time(Date.parse(point.windowStart)), expected.freeFlowKmh)}{' '}
            {travelOf(expected.lengthKm, point)}
          </p>
          <p className="small quiet">
            {sureOf(point)} {originOf(forecast.source)}
          </p>
        </>
      )}
      {past && <HourChart {...{ forecast, past, status, settings, clock }} now={Math.floor(asOf / MINUTE) * MINUTE} />}
      <Points {...{ forecast, status, clock, route }} usual={past?.slots.find(isAt(status.windowStart))} />
      <p className="small quiet">{scored ? accuracyOf(scored) : 'How far off forecasts are is known after an hour.'}</p>
    </section>
  )
}

interface HourChartProps {
  forecast: Forecast
  past: Past
  status: TrafficStatus
  settings: PageSettings
  clock: Clock
  now: number
}

function HourChart({ forecast, past, status, settings: { windowMs, timeZone }, clock, now }: HourChartProps) {
  const theme = useTheme()
  const [pointed, setPointed] = useState<number>()
  const series = useMemo(
    () => hourOf({ states: past.states, slots: [...past.slots, ...past.ahead] }, status, forecast, { windowMs, now }),
    [past, status, forecast, windowMs, now],
  )
  const at = pointed === undefined ? undefined : series.times[pointed]
  return (
    <>
      <div role="img" aria-label="The speed of the last hour, and the forecast that the table below tells.">
        <Chart series={series} clock={clock} timeZone={timeZone} theme={theme} onPoint={setPointed} />
      </div>
      <p className="small quiet key" aria-hidden={at !== undefined}>
        {at === undefined || pointed === undefined ? (
          <>
            <span>
              <i className="swatch ahead" /> forecast, 8 times of 10
            </span>
            {series.p50.some((usual) => usual !== null) && (
              <span>
                <i className="swatch" /> typical
              </span>
            )}
          </>
        ) : (
          `${clock.time(at)}: ${pointedOf(series, pointed)}`
        )}
      </p>
    </>
  )
}

function pointedOf({ speed, expected, low, high, p10, p90 }: HourSeries, i: number): string {
  const measured = speed[i] ?? null
  const ahead = expected[i] ?? null
  const band = low[i] == null ? '' : ` (${whole(low[i])}–${whole(high[i] ?? null)})`
  const said =
    measured !== null ? `${whole(measured)} km/h` : ahead !== null ? `about ${whole(ahead)} km/h${band}` : 'no value'
  return p10[i] == null ? said : `${said}, usually ${whole(p10[i])}–${whole(p90[i] ?? null)}`
}

const isAt = (windowStart: string | null) => (slot: ProfileSlot) => slot.windowStart === windowStart

interface PointsProps {
  forecast: Forecast
  status: TrafficStatus
  usual: ProfileSlot | undefined
  clock: Clock
  route: Route
}

/** The chart as a table, each line of it the way to its time. */
function Points({ forecast, status, usual, clock, route }: PointsProps) {
  return (
    <table>
      <thead>
        <tr className="caption">
          <th scope="col">At</th>
          <th scope="col">Level</th>
          <th scope="col">Speed</th>
          <th scope="col">8 times of 10</th>
          <th scope="col">Usually</th>
        </tr>
      </thead>
      <tbody>
        <tr aria-current={route.minutes === undefined ? 'true' : undefined}>
          <th scope="row">
            <a href={hrefOf({ ...route, minutes: undefined })}>Now</a>
          </th>
          <td>
            <LevelCue level={status.level} /> <span className="away">{lookOf(status.level).label}</span>
          </td>
          <td className="speed">{whole(status.speedKmh)}</td>
          <td />
          <td>{whole(usual?.p50 ?? null)}</td>
        </tr>
        {forecast.points.map((point) => (
          <tr key={point.minutes} aria-current={point.minutes === route.minutes ? 'true' : undefined}>
            <th scope="row">
              <a href={hrefOf({ ...route, minutes: point.minutes })}>{clock.time(Date.parse(point.windowStart))}</a>
            </th>
            <td>
              <LevelCue level={point.level} /> <span className="away">{lookOf(point.level).label}</span>
            </td>
            <td className="speed">{whole(point.p50Kmh)}</td>
            <td>{rangeOf(point)}</td>
            <td>{whole(point.usualKmh)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
