/** What a unit measures; values are converted only within one dimension. */
type Dimension =
  | 'speed'
  | 'ratio'
  | 'temperature'
  | 'pressure'
  | 'concentration'
  | 'power'
  | 'energy'
  | 'voltage'
  | 'current'
  | 'frequency'
  | 'illuminance'
  | 'sound'
  | 'length'
  | 'time'
  | 'angle'
  | 'rainfall'

/** One unit: base value = value · factor + offset. */
export interface Unit {
  dimension: Dimension
  factor: number
  offset: number
}

const unit = (dimension: Dimension, factor: number, offset = 0): Unit => ({ dimension, factor, offset })

/** Units by their common code of UN/CEFACT Recommendation 20; the base of each dimension has factor 1. */
export const units: ReadonlyMap<string, Unit> = new Map([
  ['KMH', unit('speed', 1)],
  ['HM', unit('speed', 1.609344)],
  ['MTS', unit('speed', 3.6)],
  ['KNT', unit('speed', 1.852)],
  ['C62', unit('ratio', 1)],
  ['P1', unit('ratio', 0.01)],
  ['CEL', unit('temperature', 1)],
  ['KEL', unit('temperature', 1, -273.15)],
  ['FAH', unit('temperature', 5 / 9, -160 / 9)],
  ['PAL', unit('pressure', 1)],
  ['A97', unit('pressure', 100)],
  ['MBR', unit('pressure', 100)],
  ['KPA', unit('pressure', 1_000)],
  ['BAR', unit('pressure', 100_000)],
  ['GQ', unit('concentration', 1)],
  ['GP', unit('concentration', 1_000)],
  ['WTT', unit('power', 1)],
  ['KWT', unit('power', 1_000)],
  ['MAW', unit('power', 1_000_000)],
  ['KWH', unit('energy', 1)],
  ['WHR', unit('energy', 0.001)],
  ['VLT', unit('voltage', 1)],
  ['AMP', unit('current', 1)],
  ['HTZ', unit('frequency', 1)],
  ['LUX', unit('illuminance', 1)],
  ['2N', unit('sound', 1)],
  ['MTR', unit('length', 1)],
  ['CMT', unit('length', 0.01)],
  ['MMT', unit('length', 0.001)],
  ['KMT', unit('length', 1_000)],
  ['SEC', unit('time', 1)],
  ['MIN', unit('time', 60)],
  ['HUR', unit('time', 3_600)],
  ['DD', unit('angle', 1)],
  ['H67', unit('rainfall', 1)],
])

/** Converts between two units of one dimension. */
export const convert = (value: number, from: Unit, to: Unit): number =>
  from === to ? value : (value * from.factor + from.offset - to.offset) / to.factor
