import { type Curve, curveThrough, lengthKm, toTheRight } from './curve.ts'
import { JUNCTIONS, type Place, type RoadClass, STREETS, type Street } from './plan.ts'

/** One direction of a stretch of street, from one junction to the next. */
export interface Road extends RoadClass {
  id: string
  /** The map's segment it is drawn as: its own, or one it shares with the other direction. */
  segment: string
  name: string
  from: string
  to: string
  km: number
  points: Place[]
}

/** Half the distance the two directions of a divided street are drawn apart. */
const APART_M = 22

const COMPASS = ['north', 'east', 'south', 'west'] as const

const heading = (points: readonly Place[]): string => {
  const [[x, y], [u, v]] = [points[0] as Place, points[points.length - 1] as Place]
  const quarter = Math.round(Math.atan2(u - x, v - y) / (Math.PI / 2))
  return COMPASS[(quarter + 4) % 4] as string
}

const slug = (name: string): string =>
  name
    .toLowerCase()
    .replaceAll('ß', 'ss')
    .replaceAll(/[äöü]/g, (letter) => ({ ä: 'ae', ö: 'oe', ü: 'ue' })[letter] ?? letter)
    .replaceAll(/[^a-z]+/g, '-')

const placeOf = (step: string | Place): Place => {
  const place = typeof step === 'string' ? JUNCTIONS[step] : step
  if (place === undefined) throw new Error(`the plan of the town has no junction '${step}'`)
  return place
}

/** Every direction of every stretch of the town, in the order of the plan. */
export const townRoads = (): Road[] => {
  const stretches = new Map<string, number>()
  const numbered = (name: string): string => {
    const n = (stretches.get(name) ?? 0) + 1
    stretches.set(name, n)
    return `${slug(name)}-${n}`
  }
  return STREETS.flatMap((street) => roadsOf(street, numbered))
}

const roadsOf = (street: Street, numbered: (name: string) => string): Road[] => {
  const { path, ways } = street
  const curve = curveThrough(path.map(placeOf))
  const [right, left] = ways === 'apart' ? [toTheRight(curve, APART_M), toTheRight(curve, -APART_M)] : [curve, curve]
  const stops = path.flatMap((step, i) => (typeof step === 'string' ? [{ junction: step, knot: i }] : []))
  return stops.slice(1).flatMap((end, i) => {
    const start = stops[i] as (typeof stops)[number]
    const piece = ({ points, knots }: Curve) => points.slice(knots[start.knot], (knots[end.knot] ?? 0) + 1)
    const { name, class: roadClass } = { name: pick(street.name, i), class: pick(street.class, i) }
    const stretch = numbered(name)
    const road = (from: string, to: string, points: Place[]): Road => {
      const direction = heading(points)
      const id = ways === 'one' ? stretch : `${stretch}-${direction}`
      const drawn = ways === 'apart' ? { segment: id, name: `${name}, ${direction}bound` } : { segment: stretch, name }
      return { id, ...drawn, ...roadClass, from, to, km: lengthKm(points), points }
    }
    const there = road(start.junction, end.junction, piece(right))
    return ways === 'one' ? [there] : [there, road(end.junction, start.junction, piece(left).toReversed())]
  })
}

const pick = <T>(one: T | readonly T[], i: number): T => (Array.isArray(one) ? one[i] : one) as T
