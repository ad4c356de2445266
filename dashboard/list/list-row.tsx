import { memo } from 'react'
import type { TrafficStatus } from '#shared/contracts/traffic-status.ts'
import { hrefOf } from '../route.ts'
import { nameOf } from '../traffic/city.ts'
import type { Clock } from '../traffic/clock.ts'
import { lookOf } from '../traffic/levels.ts'
import { percent, whole } from '../traffic/words.ts'
import { LevelCue } from '../ui/level-cue.tsx'

/** A segment's line of the list; drawn again only when its status changed. */
export const ListRow = memo(function ListRow({
  status,
  clock,
  chosen,
}: {
  status: TrafficStatus
  clock: Clock
  chosen: boolean
}) {
  const { segment, name, level, speedKmh, freeFlowKmh, ratio, jamFactor, confidence, windowStart, windowEnd } = status
  return (
    <tr data-segment={segment} data-level={level} aria-current={chosen ? 'true' : undefined}>
      <th scope="row" className="name">
        <a href={hrefOf({ view: 'list', segment })}>{nameOf(status)}</a>
        {name !== null && <small>{segment}</small>}
      </th>
      <td className="level">
        <LevelCue level={level} /> {lookOf(level).label}
      </td>
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
    </tr>
  )
})
