import { useMemo } from 'react'
import type { Ahead } from '../forecast/ahead.ts'
import { TimeSwitch } from '../forecast/time-switch.tsx'
import type { Shown } from '../forecast/use-shown.ts'
import { outlookOf, WHY_NOT } from '../forecast/words.ts'
import { countLevels } from '../traffic/city.ts'
import { summaryOf } from '../traffic/words.ts'
import { Legend } from './legend.tsx'
import './overview.css'
import { Worst } from './worst.tsx'

/** The city at a glance: which time is shown, a sentence, how many segments are at each level, and the worst of them. */
export function Overview({ shown }: { shown: Shown }) {
  const { traffic, route, choices, from, ahead, time, forecasts } = shown
  const { segments } = traffic
  const counts = useMemo(() => countLevels(segments), [segments])
  return (
    <aside className="rail" aria-label="Overview">
      {choices.length > 1 && <TimeSwitch choices={choices} from={from} route={route} />}
      <div className="summary">
        <p id="summary">{ahead ? aheadSaid(ahead, time) : summaryOf(segments)}</p>
        {ahead?.standing === 'here' && forecasts.failed && (
          <p className="small quiet">A newer forecast could not be read; trying again.</p>
        )}
      </div>
      <Legend counts={counts} ahead={ahead} time={time} />
      {(!ahead || (ahead.standing === 'here' && counts.unknown < segments.size)) && (
        <Worst segments={segments} route={route} time={time} />
      )}
    </aside>
  )
}

const aheadSaid = ({ standing, segments }: Ahead, time = ''): string =>
  standing === 'here' ? outlookOf(segments, time) : WHY_NOT[standing]
