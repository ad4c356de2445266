import type { Level } from '#shared/contracts/traffic.ts'
import type { Ahead } from '../forecast/ahead.ts'
import { originsOf, unknownOf } from '../forecast/words.ts'
import { LEVELS } from '../traffic/levels.ts'
import { counted } from '../traffic/words.ts'
import './legend.css'
import { HollowCue, LevelCue } from './level-cue.tsx'
import { useTheme } from './use-theme.ts'

interface LegendProps {
  counts: Record<Level, number>
  ahead: Ahead | undefined
  /** The time of day that is shown; undefined for now. */
  time: string | undefined
}

/** What the lines of the map mean, and how many segments there are of each. */
export function Legend({ counts, ahead, time }: LegendProps) {
  const theme = useTheme()
  return (
    <section aria-label="Levels">
      <div className="shares" aria-hidden="true">
        {LEVELS.filter(({ level }) => counts[level] > 0).map(({ level, colour }) => (
          <i key={level} style={{ flexGrow: counts[level], backgroundColor: colour[theme] }} />
        ))}
      </div>
      <table id="legend">
        <thead>
          <tr className="caption">
            <th scope="col" colSpan={2}>
              {ahead ? `Forecast${time === undefined ? '' : ` for ${time}`}` : 'Level'}
            </th>
            <th scope="col">% of free flow</th>
            <th scope="col">Segments</th>
          </tr>
        </thead>
        <tbody>
          {LEVELS.map(({ level, label, share }) => (
            <tr key={level} data-level={level} className={counts[level] === 0 ? 'none' : undefined}>
              <td>
                <LevelCue level={level} />
              </td>
              <th scope="row">{ahead && level === 'unknown' ? unknownOf(ahead.expected.values()) : label}</th>
              <td>{share}</td>
              <td className="count">{counted(counts[level])}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {ahead?.standing === 'here' && (
        <p className="origins small quiet">
          <HollowCue /> {originsOf(ahead.expected.values())}
        </p>
      )}
    </section>
  )
}
