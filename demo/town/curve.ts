import type { Place } from './plan.ts'

/** Points this far apart draw a bend without corners. */
const STEP_M = 60

/** A curve drawn through places, and where on it each of them lies. */
export interface Curve {
  points: Place[]
  /** Index in `points` of each place it was drawn through. */
  knots: number[]
}

const distance = ([x, y]: Place, [u, v]: Place): number => Math.hypot(u - x, v - y)

/** Draws a smooth curve (Catmull-Rom) through places; where it ends where it began, it closes without a corner. */
export const curveThrough = (places: readonly Place[]): Curve => {
  const last = places.length - 1
  const [first, end] = [places[0] as Place, places[last] as Place]
  const closed = first[0] === end[0] && first[1] === end[1]
  const at = (i: number): Place => {
    if (i < 0) return (closed ? places[last - 1] : first) as Place
    return (i > last ? (closed ? places[1] : end) : places[i]) as Place
  }
  const points: Place[] = [first]
  const knots = [0]
  for (let i = 0; i < last; i += 1) {
    const [a, b, c, d] = [at(i - 1), at(i), at(i + 1), at(i + 2)]
    const steps = Math.max(1, Math.round(distance(b, c) / STEP_M))
    for (let s = 1; s <= steps; s += 1) {
      const t = s / steps
      const between = (k: 0 | 1) => {
        const [leave, arrive] = [(c[k] - a[k]) / 2, (d[k] - b[k]) / 2]
        const bend = t * (1 - t)
        return b[k] * (1 + 2 * t) * (1 - t) ** 2 + c[k] * t * t * (3 - 2 * t) + bend * ((1 - t) * leave - t * arrive)
      }
      points.push(s === steps ? c : [between(0), between(1)])
    }
    knots.push(points.length - 1)
  }
  return { points, knots }
}

/** The same curve so many metres to its right; a closed one stays closed. */
export const toTheRight = ({ points, knots }: Curve, metres: number): Curve => {
  const last = points.length - 1
  const closed = distance(points[0] as Place, points[last] as Place) === 0
  const at = (i: number): Place => points[closed ? (i + last) % last : Math.max(0, Math.min(last, i))] as Place
  const moved = points.map(([x, y], i): Place => {
    const [before, after] = [at(i - 1), at(i + 1)]
    const length = distance(before, after)
    return [x + ((after[1] - before[1]) / length) * metres, y - ((after[0] - before[0]) / length) * metres]
  })
  return { points: moved, knots }
}

/** Its length in km. */
export const lengthKm = (points: readonly Place[]): number =>
  points.slice(1).reduce((sum, point, i) => sum + distance(points[i] as Place, point), 0) / 1000

/** The place so far along it, as a share of its length. */
export const placeAlong = (points: readonly Place[], share: number): Place => {
  let left = lengthKm(points) * 1000 * share
  for (const [i, to] of points.slice(1).entries()) {
    const from = points[i] as Place
    const length = distance(from, to)
    if (left <= length) {
      const t = left / length
      return [from[0] + (to[0] - from[0]) * t, from[1] + (to[1] - from[1]) * t]
    }
    left -= length
  }
  return points[points.length - 1] as Place
}
