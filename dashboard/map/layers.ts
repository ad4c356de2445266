import type {
  CircleLayerSpecification,
  DataDrivenPropertyValueSpecification,
  ExpressionSpecification,
  LineLayerSpecification,
} from 'maplibre-gl'
import type { Level } from '#shared/contracts/traffic.ts'
import { LEVELS, type LevelLook, lookOf } from '../traffic/levels.ts'
import type { Theme } from '../ui/use-theme.ts'

/** The source of all segments. */
export const ROADS = 'roads'

/** The layers that answer to a pointer. */
export const TOUCHED = ['point', 'road']

/** What the ground of the map is made of. */
export const GROUND = {
  light: { ground: '#eef0ec', grid: '#e0e4de', casing: '#ffffff', chosen: '#16191c' },
  dark: { ground: '#14181b', grid: '#1e2428', casing: '#0a0c0e', chosen: '#ffffff' },
}

type Value = string | number
// What changes while people look is feature state, which needs no new tiles.
const level: ExpressionSpecification = ['coalesce', ['feature-state', 'level'], ['get', 'level']]
const isChosen: ExpressionSpecification = ['boolean', ['feature-state', 'chosen'], false]

const byLevel = (value: (look: LevelLook) => Value): ExpressionSpecification => {
  const cases = LEVELS.flatMap((look): Value[] => [look.level, value(look)])
  return ['match', level, ...cases, value(lookOf('unknown'))] as unknown as ExpressionSpecification
}

/** Grows with the zoom as `px` is at the zoom of a town. */
const zoomed = (
  px: (share: number) => ExpressionSpecification | number,
): DataDrivenPropertyValueSpecification<number> =>
  ['interpolate', ['linear'], ['zoom'], 9, px(0.35), 11, px(0.6), 13, px(1), 16, px(1.8)] as ExpressionSpecification

/** The layers of the segments, from the lowest; `scale` makes all of it larger for those who are far away. */
export function roadLayers(theme: Theme, scale: number): (LineLayerSpecification | CircleLayerSpecification)[] {
  const { casing, chosen } = GROUND[theme]
  const colour = byLevel((look) => look.colour[theme])
  const width = (share: number, more = 0) => byLevel((look) => scale * (look.width * share + more))
  const edge: ExpressionSpecification = ['case', isChosen, chosen, casing]
  const line: Pick<LineLayerSpecification, 'type' | 'source' | 'filter'> = {
    type: 'line',
    source: ROADS,
    filter: ['!=', ['geometry-type'], 'Point'],
  }
  const round: LineLayerSpecification['layout'] = { 'line-cap': 'round', 'line-join': 'round' }

  /** The gaps of dashed levels: pieces of the casing's colour across the line. */
  const gaps = (id: string, levels: Level[]): LineLayerSpecification[] => {
    const dash = lookOf(levels[0] ?? 'unknown').dash
    if (!dash) return []
    const wide = (share: number) =>
      byLevel((look) => (levels.includes(look.level) ? scale * (look.width * share + 0.5) : 0))
    return [
      {
        ...line,
        id,
        paint: { 'line-color': casing, 'line-width': zoomed(wide), 'line-dasharray': [dash[1], dash[0]] },
      },
    ]
  }

  return [
    {
      ...line,
      id: 'casing',
      layout: round,
      paint: {
        'line-color': edge,
        'line-width': zoomed((share) => ['+', width(share, 2), ['case', isChosen, 5 * scale, 0]]),
      },
    },
    { ...line, id: 'road', layout: round, paint: { 'line-color': colour, 'line-width': zoomed((s) => width(s)) } },
    ...gaps('gaps-long', ['queuing']),
    ...gaps('gaps-short', ['stationary', 'closed']),
    {
      id: 'point',
      type: 'circle',
      source: ROADS,
      filter: ['==', ['geometry-type'], 'Point'],
      paint: {
        'circle-color': colour,
        'circle-radius': zoomed((share) => width(share * 0.8, 2.5)),
        'circle-stroke-color': edge,
        'circle-stroke-width': ['case', isChosen, 3 * scale, 1.5 * scale],
      },
    },
  ]
}
