import { carryWindow, LAGS } from './window.ts'

export { LAGS }
/** The most links of a sensor that are looked at. */
export const NEIGHBOURS = 6
const HARMONICS = 4
/** Steps over which a neighbour's change is taken. */
const CHANGE = 3

/** What is known of all sensors at one instant, in the unit of the readings. */
export interface Moment {
  /** LAGS × sensors, newest last; NaN = missing. */
  readings: Float32Array
  /** (LAGS + number of horizons) × sensors: what is usual at the times of the readings, then at each horizon. */
  profile: Float32Array
  /** Share of the local day that has passed at the newest readings, 0..1. */
  dayShare: number
  weekend: boolean
}

/** What the past says of each sensor. */
export interface FeatureSensors {
  mean: Float32Array
  sd: Float32Array
  /** Sensors × NEIGHBOURS, strongest first; -1 = none. */
  neighbour: Int32Array
  /** Weights of the links to `neighbour`; the strongest link of all has 1. */
  weight: Float32Array
}

/** Where features go: a row a sensor. */
export interface FeatureRows {
  x: Float32Array
  /** 1 where a forecast can be made, else 0 and a row of zeros. */
  usable: Uint8Array
  /** Newest reading, or the one it was carried from; NaN where there is none. */
  last: Float32Array
}

/** The column that holds the newest reading, minus the centre. */
export const NEWEST = LAGS - 1

const range = (n: number) => Array.from({ length: n }, (_, i) => i + 1)

/** Names of the columns, in order. */
export const featureNames = (horizons: number): string[] => [
  ...range(LAGS - 1).map((n) => `lag${LAGS - n}`),
  'newest',
  ...range(HARMONICS).flatMap((n) => [`daySin${n}`, `dayCos${n}`]),
  'weekend',
  'mean',
  'sd',
  'belowMean',
  'belowProfile',
  ...range(horizons).map((n) => `profileChange${n}`),
  'gapToProfile',
  ...range(NEIGHBOURS).flatMap((n) => [`neighbour${n}`, `neighbourChange${n}`, `neighbourGap${n}`]),
]

const WITHOUT_HORIZONS = featureNames(0).length

/**
 * Writes a row of features for each sensor into `out`, from row `at` on. Nothing but what a moment holds goes in, so
 * training and serving cannot differ; a neighbour of which too little is known counts as one that is as usual.
 */
export const writeFeatures = (
  { readings, profile, dayShare, weekend }: Moment,
  { mean, sd, neighbour, weight }: FeatureSensors,
  centre: number,
  { x, usable, last }: FeatureRows,
  at = 0,
): void => {
  const sensors = mean.length
  const horizons = profile.length / sensors - LAGS
  const width = WITHOUT_HORIZONS + horizons
  const window = Float32Array.from(readings)
  const now = (LAGS - 1) * sensors
  for (let i = 0; i < sensors; i++) {
    usable[at + i] = carryWindow(window, i, sensors) ? 1 : 0
    last[at + i] = window[now + i] as number
  }
  const day = calendarFeatures(dayShare, weekend)
  for (let i = 0; i < sensors; i++) {
    let to = (at + i) * width
    if (usable[at + i] === 0) {
      x.fill(0, to, to + width)
      continue
    }
    const newest = last[at + i] as number
    let gap = 0
    for (let place = i; place < now; place += sensors) {
      x[to++] = (window[place] as number) - newest
      gap += (window[place] as number) - (profile[place] as number)
    }
    const usual = profile[now + i] as number
    gap += newest - usual
    x[to++] = newest - centre
    for (const value of day) x[to++] = value
    x[to++] = (mean[i] as number) - centre
    x[to++] = sd[i] as number
    x[to++] = (mean[i] as number) - newest
    x[to++] = usual - newest
    for (let place = now + sensors + i; place < profile.length; place += sensors)
      x[to++] = (profile[place] as number) - usual
    x[to++] = gap / LAGS
    for (let n = i * NEIGHBOURS; n < (i + 1) * NEIGHBOURS; n++) {
      const other = neighbour[n] as number
      const known = other >= 0 && usable[at + other] === 1
      const share = weight[n] as number
      const its = known ? (last[at + other] as number) : 0
      x[to++] = known ? share * (its - newest) : 0
      x[to++] = known ? share * (its - (window[now + other - CHANGE * sensors] as number)) : 0
      x[to++] = known ? share * (its - (profile[now + other] as number)) : 0
    }
  }
}

const calendarFeatures = (dayShare: number, weekend: boolean): number[] => [
  ...range(HARMONICS).flatMap((n) => [Math.sin(2 * Math.PI * n * dayShare), Math.cos(2 * Math.PI * n * dayShare)]),
  weekend ? 1 : 0,
]
