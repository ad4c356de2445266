import type { Level } from '#shared/contracts/traffic.ts'

/** How a level is told and drawn, wherever it is: map, legend, list and panel. */
export interface LevelLook {
  level: Level
  label: string
  /** What it means on the road, to follow the words "traffic …". */
  plain: string
  /** Share of the free-flow speed, in percent, as people write it. */
  share: string
  colour: { light: string; dark: string }
  /** Width of the line on the map in pixels, at the zoom of a town; the worse, the wider. */
  width: number
  /** Dashes and the gaps between them, in line widths; undefined for a whole line. */
  dash: readonly [dash: number, gap: number] | undefined
}

/** The seven levels, worst first. Next to each other they differ in brightness, too, and in width or dashes. */
export const LEVELS: readonly LevelLook[] = [
  {
    level: 'closed',
    label: 'Closed',
    plain: 'is closed',
    share: '',
    colour: { light: '#17191c', dark: '#f1f3f4' },
    width: 6,
    dash: [0.7, 0.45],
  },
  {
    level: 'stationary',
    label: 'Stationary',
    plain: 'stands still',
    share: 'under 25',
    colour: { light: '#6b0a3c', dark: '#ff8fc0' },
    width: 9,
    dash: [0.7, 0.45],
  },
  {
    level: 'queuing',
    label: 'Queuing',
    plain: 'stops and goes',
    share: '25–35',
    colour: { light: '#a01030', dark: '#d03a34' },
    width: 7.5,
    dash: [2.4, 0.5],
  },
  {
    level: 'slow',
    label: 'Slow',
    plain: 'is slow',
    share: '35–62',
    colour: { light: '#b83d0e', dark: '#e2752c' },
    width: 6,
    dash: undefined,
  },
  {
    level: 'heavy',
    label: 'Heavy',
    plain: 'is dense, but moves',
    share: '62–90',
    colour: { light: '#b18100', dark: '#e3c766' },
    width: 5,
    dash: undefined,
  },
  {
    level: 'free',
    label: 'Free',
    plain: 'flows freely',
    share: '90 and more',
    colour: { light: '#3179ab', dark: '#4580b0' },
    width: 3.5,
    dash: undefined,
  },
  {
    level: 'unknown',
    label: 'No data',
    plain: 'is not known',
    share: '',
    colour: { light: '#828b93', dark: '#6a747d' },
    width: 2,
    dash: undefined,
  },
]

const byLevel = new Map(LEVELS.map((look, rank) => [look.level, { look, rank }]))
const [unknown] = LEVELS.slice(-1) as [LevelLook]

/** How a level looks. */
export const lookOf = (level: Level): LevelLook => byLevel.get(level)?.look ?? unknown

/** The place of a level from the worst, 0, to the one nobody knows. */
export const rankOf = (level: Level): number => byLevel.get(level)?.rank ?? LEVELS.length

/** Whether traffic is so slow that people will mind. */
export const isSlow = (level: Level): boolean => rankOf(level) <= rankOf('slow')
