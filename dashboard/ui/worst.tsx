import { useMemo } from 'react'
import { hrefOf, type Route } from '../route.ts'
import { nameOf, type Segments, worstOf } from '../traffic/city.ts'
import { lookOf } from '../traffic/levels.ts'
import { whole } from '../traffic/words.ts'
import { LevelCue } from './level-cue.tsx'
import './worst.css'

const SHOWN = 8

/** Where it is worst at the time that is shown, undefined for now; each with a way to its panel. */
export function Worst({ segments, route, time }: { segments: Segments; route: Route; time: string | undefined }) {
  const worst = useMemo(() => worstOf(segments, SHOWN), [segments])
  return (
    <section className="worst" aria-labelledby="worst-title">
      <h2 id="worst-title" className="caption">
        {time === undefined ? 'Worst now' : `Worst at ${time}`}
      </h2>
      {worst.length === 0 && (
        <p className="quiet">
          {time === undefined ? 'No segment is slower than it should be.' : 'No segment is expected to be slow.'}
        </p>
      )}
      <ol>
        {worst.map((status) => (
          <li key={status.segment}>
            <a
              href={hrefOf({ ...route, segment: status.segment })}
              data-segment={status.segment}
              data-level={status.level}
              aria-current={status.segment === route.segment ? 'true' : undefined}
            >
              <LevelCue level={status.level} />
              <span className="name">
                {nameOf(status)}
                <small>
                  {lookOf(status.level).label}
                  {status.name !== null && ` · ${status.segment}`}
                </small>
              </span>
              <span className="speed">
                <b>{whole(status.speedKmh)}</b>
                <small>{status.freeFlowKmh === null ? 'km/h' : `of ${whole(status.freeFlowKmh)} km/h`}</small>
              </span>
            </a>
          </li>
        ))}
      </ol>
    </section>
  )
}
