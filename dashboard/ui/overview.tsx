import { useMemo } from 'react'
import type { Route } from '../route.ts'
import { countLevels, type Segments } from '../traffic/city.ts'
import { summaryOf } from '../traffic/words.ts'
import { Legend } from './legend.tsx'
import './overview.css'
import { Worst } from './worst.tsx'

/** The city at a glance: a sentence, how many segments are at each level, and the worst of them. */
export function Overview({ segments, route }: { segments: Segments; route: Route }) {
  const counts = useMemo(() => countLevels(segments), [segments])
  return (
    <aside className="rail" aria-label="Overview">
      <p className="summary" id="summary">
        {summaryOf(segments)}
      </p>
      <Legend counts={counts} />
      <Worst segments={segments} route={route} />
    </aside>
  )
}
