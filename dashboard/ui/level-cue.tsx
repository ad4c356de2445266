import type { Level } from '#shared/contracts/traffic.ts'
import { lookOf } from '../traffic/levels.ts'
import { useTheme } from './use-theme.ts'

const HEIGHT = 10
// Larger letters want a larger drawing beside them.
const rem = (pixels: number) => `${pixels / 16}rem`

/** A piece of road as the map draws it at a level. */
export function LevelCue({ level, length = 30 }: { level: Level; length?: number }) {
  const { colour, width, dash } = lookOf(level)
  const theme = useTheme()
  return (
    <svg
      className="cue"
      width={rem(length)}
      height={rem(HEIGHT)}
      viewBox={`0 0 ${length} ${HEIGHT}`}
      aria-hidden="true"
    >
      <line
        x2={length}
        y1={HEIGHT / 2}
        y2={HEIGHT / 2}
        stroke={colour[theme]}
        strokeWidth={width}
        strokeDasharray={dash?.map((part) => part * width).join(' ')}
      />
    </svg>
  )
}

/** A piece of road as the map draws a forecast that is not the model's. */
export function HollowCue() {
  return (
    <svg className="cue" width={rem(30)} height={rem(HEIGHT)} viewBox={`0 0 30 ${HEIGHT}`} aria-hidden="true">
      <line x2={30} y1={2.5} y2={2.5} stroke="currentColor" strokeWidth={2} />
      <line x2={30} y1={7.5} y2={7.5} stroke="currentColor" strokeWidth={2} />
    </svg>
  )
}
