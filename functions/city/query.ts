import { z } from 'zod'
import { SensorState } from '#shared/contracts/sensor-health.ts'
import { Level } from '#shared/contracts/traffic.ts'

/** The most features or states one answer holds. */
export const PAGE = 1000

/** West, south, east, north in degrees; west may be greater than east where the box crosses the antimeridian. */
export type Box = [west: number, south: number, east: number, north: number]

function toBox(text: string, context: z.RefinementCtx): Box {
  const numbers = text.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)))
  const [west = Number.NaN, south = Number.NaN, east = Number.NaN, north = Number.NaN] = numbers
  const longitudes = Math.abs(west) <= 180 && Math.abs(east) <= 180
  const latitudes = Math.abs(south) <= 90 && Math.abs(north) <= 90
  if (numbers.length === 4 && longitudes && latitudes && south <= north) return [west, south, east, north]
  context.addIssue('must be west,south,east,north in degrees, south not above north')
  return z.NEVER
}

const limit = z
  .string()
  .regex(/^[1-9]\d{0,3}$/, `must be a whole number from 1 to ${PAGE}`)
  .transform(Number)
  .pipe(z.number().max(PAGE, `must be a whole number from 1 to ${PAGE}`))
  .default(PAGE)

const list = (text: string) => text.split(',')

/** A segment's name as a caller may write it: PostgreSQL text holds no NUL. */
export const SegmentName = z
  .string()
  .min(1)
  .max(128)
  .refine((name) => !name.includes('\0'), 'must not hold a NUL character')

/** The filters of `GET /api/traffic-status`. */
export const StatusQuery = z.strictObject({
  bbox: z.string().transform(toBox).optional(),
  level: z.string().transform(list).pipe(z.array(Level)).optional(),
  /** The page begins behind this segment. */
  after: SegmentName.optional(),
  limit,
})
export type StatusQuery = z.infer<typeof StatusQuery>

/** The filters of `GET /api/traffic-forecasts`: a forecast has a level at each of its points, so none can be asked for. */
export const ForecastQuery = StatusQuery.omit({ level: true })
export type ForecastQuery = z.infer<typeof ForecastQuery>

/** How far `GET /api/forecast-accuracy` looks back: scores are kept for so long. */
export const SCORED_HOURS = 2160
const HOURS = `must be a whole number from 1 to ${SCORED_HOURS}`

/** The query of `GET /api/forecast-accuracy`. */
export const AccuracyQuery = z.strictObject({
  hours: z
    .string()
    .regex(/^[1-9]\d{0,3}$/, HOURS)
    .transform(Number)
    .pipe(z.number().max(SCORED_HOURS, HOURS))
    .default(24),
})

const instant = z.iso
  .datetime({ offset: true, error: 'must be an instant with a zone, like 2012-03-01T08:00:00Z' })
  .transform((text) => new Date(text))

/** The range of `GET /api/traffic-status/{segment}/history`; the last 24 hours of city time unless told. */
export const HistoryQuery = z.strictObject({ from: instant.optional(), to: instant.optional(), limit })
export type HistoryQuery = z.infer<typeof HistoryQuery>

/** The range of `GET /api/traffic-status/{segment}/profile`, 48 hours at most; the last 24 hours unless told. */
export const ProfileQuery = HistoryQuery.omit({ limit: true })

const cursor = z
  .string()
  .regex(/^[0-3]:[^\0]{1,128}$/, 'must be that of the answer’s Link')
  .transform((text) => ({ rank: Number(text[0]), device: text.slice(2) }))

/** The filters of `GET /api/operator/sensors`; the page begins behind `after`, a sensor's place in the whole list. */
export const SensorQuery = z.strictObject({ state: SensorState.optional(), after: cursor.optional(), limit })
export type SensorQuery = z.infer<typeof SensorQuery>
