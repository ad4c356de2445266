import type { AheadColumn, Column, NowColumn } from './sort.ts'

type Head<C extends Column> = readonly [column: C, label: string, unit?: string]

/** The columns of the list of now. */
export const NOW_COLUMNS: readonly Head<NowColumn>[] = [
  ['name', 'Segment'],
  ['level', 'Level'],
  ['speed', 'Speed', 'km/h'],
  ['freeFlow', 'Free flow', 'km/h'],
  ['share', 'Of free flow', '%'],
  ['jam', 'Jam factor', '0–10'],
  ['confidence', 'Confidence', '%'],
  ['window', 'Measured'],
]

/** The columns of the list of a forecast. */
export const AHEAD_COLUMNS: readonly Head<AheadColumn>[] = [
  ['name', 'Segment'],
  ['level', 'Level'],
  ['speed', 'Expected', 'km/h'],
  ['range', 'Range', '8\u00a0of\u00a010'],
  ['now', 'Now', 'km/h'],
  ['freeFlow', 'Free flow', 'km/h'],
  ['share', 'Of free flow', '%'],
  ['source', 'From'],
]
