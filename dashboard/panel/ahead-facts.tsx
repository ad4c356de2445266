import type { ForecastSource } from '#shared/contracts/forecast.ts'
import type { ComparedPoint } from '#shared/contracts/traffic-forecasts.ts'
import type { TrafficStatus } from '#shared/contracts/traffic-status.ts'
import { expectedOf, originOf, rangeOf, sureOf, travelOf } from '../forecast/words.ts'
import { lookOf } from '../traffic/levels.ts'
import { whole } from '../traffic/words.ts'
import { LevelCue } from '../ui/level-cue.tsx'
import { Fact } from './segment-facts.tsx'

interface AheadFactsProps {
  point: ComparedPoint
  source: ForecastSource
  time: string
  lengthKm: number | null
  /** How it is now. */
  status: TrafficStatus
}

/** How a segment is expected to be: its level, sentences, and the figures behind them. */
export function AheadFacts({ point, source, time, lengthKm, status }: AheadFactsProps) {
  const origin = originOf(source)
  return (
    <>
      <p className="level">
        <LevelCue level={point.level} length={44} />
        <b>{lookOf(point.level).label}</b>
        <span className="quiet">expected at {time}</span>
      </p>
      <p className="verdict">
        {expectedOf(point, time, status.freeFlowKmh)} {travelOf(lengthKm, point)}
      </p>
      <dl className="facts">
        <Fact name="Expected" value={whole(point.p50Kmh)} unit="km/h" />
        <Fact name="8 times of 10" value={rangeOf(point)} unit="km/h" />
        <Fact name="Usually" value={whole(point.usualKmh)} unit="km/h" />
        <Fact name="Now" value={whole(status.speedKmh)} unit="km/h" />
      </dl>
      <p className="small quiet">
        {sureOf(point)} {origin}
      </p>
    </>
  )
}
