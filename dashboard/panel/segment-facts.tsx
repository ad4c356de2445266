import type { ProfileSlot } from '#shared/contracts/page.ts'
import type { TrafficStatus } from '#shared/contracts/traffic-status.ts'
import { lookOf } from '../traffic/levels.ts'
import { heldOf, percent, trustOf, verdictOf, whole } from '../traffic/words.ts'
import { LevelCue } from '../ui/level-cue.tsx'

/** How a segment is now: its level, a sentence, and the figures behind it. */
export function SegmentFacts({ status, usual }: { status: TrafficStatus; usual: ProfileSlot | undefined }) {
  const { level, speedKmh, freeFlowKmh, ratio, jamFactor } = status
  const held = heldOf(status)
  return (
    <>
      <p className="level">
        <LevelCue level={level} length={44} />
        <b>{lookOf(level).label}</b>
      </p>
      <p className="verdict">{verdictOf(status, usual)}</p>
      {held && <p className="small quiet">{held}</p>}
      <dl className="facts">
        <Fact name="Speed" value={whole(speedKmh)} unit="km/h" />
        <Fact name="Free flow" value={whole(freeFlowKmh)} unit="km/h" />
        <Fact name="Of free flow" value={percent(ratio)} unit="%" />
        <Fact name="Jam factor" value={jamFactor === null ? '–' : jamFactor.toFixed(1)} unit="of 10" />
      </dl>
      <p className="small quiet">Confidence: {trustOf(status)}</p>
    </>
  )
}

/** A figure with its name. */
export function Fact({ name, value, unit }: { name: string; value: string; unit: string }) {
  return (
    <div>
      <dt className="caption">{name}</dt>
      <dd>
        <b>{value}</b> <small>{unit}</small>
      </dd>
    </div>
  )
}
