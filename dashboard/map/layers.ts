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

/** The source of the few that have dashes, or are chosen. */
export const MARKS = 'marks'

/** The layers that answer to a pointer. */
export const TOUCHED = ['point', 'road']

/** What is drawn beside the levels. */
const COLOURS = {
  light: { grid: '#e7eae5', casing: '#ffffff', chosen: '#16191c' },
  dark: { grid: '#1e2428', casing: '#0a0c0e', chosen: '#ffffff' },
}

/** From so far away that thousands of roads are seen at once, their edges would cost more than they show. */
const CASING_FROM = 12.25
/** Round ends take half as many points again. */
const ROUND_FROM = 12

const byLevel = (
  level: ExpressionSpecification,
  value: (look: LevelLook) => string | number,
): ExpressionSpecification => {
  const cases = LEVELS.flatMap((look) => [look.level, value(look)])
  return ['match', level, ...cases, value(lookOf('unknown'))] as unknown as ExpressionSpecification
}

/** Grows with the zoom as `px` is at the zoom of a town. */
const zoomed = (
  px: (share: number) => ExpressionSpecification | number,
): DataDrivenPropertyValueSpecification<number> =>
  ['interpolate', ['linear'], ['zoom'], 9, px(0.35), 11, px(0.6), 13, px(1), 16, px(1.8)] as ExpressionSpecification

/** The layers of the segments, from the lowest; `scale` makes all of it larger for those who are far away. */
export function roadLayers(theme: Theme, scale: number): (LineLayerSpecification | CircleLayerSpecification)[] {
  const { grid, casing, chosen } = COLOURS[theme]
  // What changes while people look is feature state, which needs no new tiles.
  const state: ExpressionSpecification = ['coalesce', ['feature-state', 'level'], ['get', 'level']]
  const mark: ExpressionSpecification = ['get', 'level']
  const colour = byLevel(state, (look) => look.colour[theme])
  const width = (level: ExpressionSpecification, more = 0, part = 1) =>
    zoomed((share) => byLevel(level, (look) => scale * (look.width * share * part + more)))
  const radius = (level: ExpressionSpecification, more: number, part = 0.8) =>
    zoomed((share) => byLevel(level, (look) => scale * (look.width * share * part + more)))
  const isPoint: ExpressionSpecification = ['==', ['geometry-type'], 'Point']
  const isLine: ExpressionSpecification = ['!', ['any', isPoint, ['has', 'grid']]]
  const line = { type: 'line' as const, source: ROADS, filter: isLine }
  const round: LineLayerSpecification['layout'] = {
    'line-cap': ['step', ['zoom'], 'butt', ROUND_FROM, 'round'],
    'line-join': ['step', ['zoom'], 'miter', ROUND_FROM, 'round'],
  }

  /** The gaps of dashed levels: pieces of the casing's colour across the line. */
  const gaps = (id: string, levels: readonly [Level, ...Level[]]): LineLayerSpecification => {
    const [dash = 1, gap = 0] = lookOf(levels[0]).dash ?? []
    const among: ExpressionSpecification = ['in', mark, ['literal', [...levels]]]
    return {
      ...line,
      id,
      source: MARKS,
      filter: ['all', isLine, among],
      paint: { 'line-color': casing, 'line-width': width(mark, 0.5), 'line-dasharray': [gap, dash] },
    }
  }

  // The layers of a source stand together: each change of the source costs a look at every pixel.
  return [
    { ...line, id: 'grid', filter: ['has', 'grid'], paint: { 'line-color': grid, 'line-width': 1 } },
    {
      ...line,
      id: 'casing',
      minzoom: CASING_FROM,
      paint: { 'line-color': casing, 'line-width': width(state, 2) },
    },
    { ...line, id: 'road', layout: round, paint: { 'line-color': colour, 'line-width': width(state) } },
    {
      id: 'point',
      type: 'circle',
      source: ROADS,
      filter: isPoint,
      paint: {
        'circle-color': colour,
        'circle-radius': radius(state, 2.5),
        'circle-stroke-color': casing,
        'circle-stroke-width': 1.5 * scale,
      },
    },
    {
      ...line,
      id: 'hollow',
      source: MARKS,
      filter: ['all', isLine, ['get', 'hollow']],
      paint: { 'line-color': casing, 'line-width': width(mark, 0, 0.4) },
    },
    {
      id: 'hollow-point',
      type: 'circle',
      source: MARKS,
      filter: ['all', isPoint, ['get', 'hollow']],
      paint: { 'circle-color': casing, 'circle-radius': radius(mark, 0, 0.5) },
    },
    gaps('gaps-long', ['queuing']),
    gaps('gaps-short', ['stationary', 'closed']),
    {
      ...line,
      id: 'chosen',
      source: MARKS,
      filter: ['all', isLine, ['get', 'chosen']],
      layout: round,
      paint: { 'line-color': chosen, 'line-gap-width': width(mark, 1), 'line-width': 3 * scale },
    },
    {
      id: 'chosen-point',
      type: 'circle',
      source: MARKS,
      filter: ['all', isPoint, ['get', 'chosen']],
      paint: {
        'circle-opacity': 0,
        'circle-radius': radius(mark, 4),
        'circle-stroke-color': chosen,
        'circle-stroke-width': 3 * scale,
      },
    },
  ]
}
