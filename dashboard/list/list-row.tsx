import { memo, type ReactNode } from 'react'
import type { ForecastSource } from '#shared/contracts/forecast.ts'
import { rangeOf, SOURCES } from '../forecast/words.ts'
import { hrefOf, type Route } from '../route.ts'
import { nameOf } from '../traffic/city.ts'
import type { Clock } from '../traffic/clock.ts'
import { lookOf } from '../traffic/levels.ts'
import { percent, whole } from '../traffic/words.ts'
import { LevelCue } from '../ui/level-cue.tsx'
import type { Row } from './sort.ts'

type LineProps = Pick<Row, 'status'> & { minutes: Route['minutes']; chosen: boolean }

/** A segment's line of the list of now; drawn again only when its status changed. */
export const NowRow = memo(function NowRow({ status, minutes, chosen, clock }: LineProps & { clock: Clock }) {
  const { level, speedKmh, freeFlowKmh, ratio, jamFactor, confidence, windowStart, windowEnd } = status
  return (
    <Line status={status} minutes={minutes} chosen={chosen} label={lookOf(level).label}>
      <td className="speed">{whole(speedKmh)}</td>
      <td className="freeFlow">{whole(freeFlowKmh)}</td>
      <td className="share">{percent(ratio)}</td>
      <td className="jam">{jamFactor === null ? '–' : jamFactor.toFixed(1)}</td>
      <td className="confidence">{level === 'unknown' ? '–' : percent(confidence)}</td>
      <td className="window">
        {windowStart === null || windowEnd === null
          ? 'never'
          : `${clock.time(Date.parse(windowStart))}–${clock.time(Date.parse(windowEnd))}`}
      </td>
    </Line>
  )
})

/** A segment's line of the list of a forecast. */
export const AheadRow = memo(function AheadRow({ status, expected, nowKmh, minutes, chosen }: LineProps & Row) {
  const { level, speedKmh, freeFlowKmh, ratio } = status
  const label = expected ? lookOf(level).label : 'No forecast'
  return (
    <Line status={status} minutes={minutes} chosen={chosen} label={label} source={expected?.source}>
      <td className="speed">{whole(speedKmh)}</td>
      <td className="range">{expected ? rangeOf(expected.point) : '–'}</td>
      <td className="now">{whole(nowKmh)}</td>
      <td className="freeFlow">{whole(freeFlowKmh)}</td>
      <td className="share">{percent(ratio)}</td>
      <td className="source" data-source={expected?.source}>
        {expected ? SOURCES[expected.source] : '–'}
      </td>
    </Line>
  )
})

function Line(props: LineProps & { label: string; source?: ForecastSource | undefined; children: ReactNode }) {
  const { status, minutes, chosen, label, source, children } = props
  const { segment, name, level } = status
  return (
    <tr data-segment={segment} data-level={level} aria-current={chosen ? 'true' : undefined}>
      <th scope="row" className="name">
        <a href={hrefOf({ view: 'list', segment, minutes })}>{nameOf(status)}</a>
        {name !== null && <small>{segment}</small>}
      </th>
      <td className="level">
        <LevelCue level={level} /> {label}
        {source && source !== 'model' && <small className="origin">{SOURCES[source]}</small>}
      </td>
      {children}
    </tr>
  )
}
