import type { Level } from '#shared/contracts/traffic.ts'
import { LEVELS } from '../traffic/levels.ts'
import { counted } from '../traffic/words.ts'
import './legend.css'
import { LevelCue } from './level-cue.tsx'
import { useTheme } from './use-theme.ts'

/** What the lines of the map mean, and how many segments there are of each. */
export function Legend({ counts }: { counts: Record<Level, number> }) {
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
              Level
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
              <th scope="row">{label}</th>
              <td>{share}</td>
              <td className="count">{counted(counts[level])}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}
