import { type Unit, units } from './units.ts'

/** A quantity Junction knows: the unit `readings` carries it in, and what is physically possible. */
export interface Quantity {
  /** UN/CEFACT code. */
  unit: string
  canonical: Unit
  min: number
  max: number
}

const quantity = (unit: string, min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY): Quantity => ({
  unit,
  canonical: units.get(unit) as Unit,
  min,
  max,
})

/** The registry of quantities by their name in `measures`; any other name is kept uninterpreted. */
export const quantities: ReadonlyMap<string, Quantity> = new Map([
  ['speed', quantity('KMH', 0, 300)],
  /** Vehicles in the period. */
  ['count', quantity('C62', 0, 100_000)],
  /** Share of the time a detector was covered. */
  ['occupancy', quantity('C62', 0, 1)],
  ['temperature', quantity('CEL', -90, 60)],
  ['roadTemperature', quantity('CEL', -90, 100)],
  ['pressure', quantity('PAL', 50_000, 110_000)],
  ['humidity', quantity('C62', 0, 1)],
  ['pm1', quantity('GQ', 0, 10_000)],
  ['pm25', quantity('GQ', 0, 10_000)],
  ['pm10', quantity('GQ', 0, 10_000)],
  ['no', quantity('GQ', 0, 10_000)],
  ['no2', quantity('GQ', 0, 10_000)],
  ['o3', quantity('GQ', 0, 10_000)],
  ['so2', quantity('GQ', 0, 10_000)],
  ['co', quantity('GQ', 0, 1_000_000)],
  ['noise', quantity('2N', 0, 200)],
  ['illuminance', quantity('LUX', 0, 200_000)],
  ['windSpeed', quantity('KMH', 0, 450)],
  ['windDirection', quantity('DD', 0, 360)],
  ['rainfall', quantity('H67', 0, 500)],
  ['visibility', quantity('MTR', 0, 100_000)],
  ['waterLevel', quantity('MTR', -500, 9_000)],
  ['power', quantity('WTT')],
  ['energy', quantity('KWH')],
  ['voltage', quantity('VLT')],
  ['current', quantity('AMP')],
  ['frequency', quantity('HTZ', 0)],
  ['batteryLevel', quantity('C62', 0, 1)],
])
