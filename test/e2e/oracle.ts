/** A reading as the oracle takes it: instants are RFC 3339, what was not measured is left out. */
export interface OracleReading {
  device: string
  observedAt: string
  receivedAt: string
  seq?: number | undefined
  speed?: number | undefined
  count?: number | undefined
  occupancy?: number | undefined
}

/** The segments of a network; a device on none of them is a segment of its own name. */
export type OracleNetwork = { segment: string; devices: string[]; freeFlowKmh?: number | undefined }[]

/** What holds for a whole run: city time at its end, and the lengths in milliseconds. */
export interface OracleSettings {
  cityNow: number
  windowMs: number
  lateAfterMs: number
}

/** The state a window must have in the end. */
export interface ExpectedState {
  segment: string
  windowStart: string
  n: number
  level: string
  speedKmh: number | null
  freeFlowKmh: number | null
  ratio: number | null
  confidence: number
  observedAt: string | null
}

interface Bin {
  start: number
  readings: OracleReading[]
  speed: number | null
  vehicles: number | null
  occupancy: number | null
}

const DAY = 24 * 60 * 60 * 1000

/** The readings that came too late to count. */
export const lateReadings = (readings: OracleReading[], lateAfterMs: number): OracleReading[] =>
  readings.filter((r) => Date.parse(r.receivedAt) > Date.parse(r.observedAt) + lateAfterMs)

/**
 * Works out, from the readings of a whole run in any order, the final state of every (segment, window), sorted. It is
 * written on its own, from the rules alone, and imports nothing of the project, so that agreement means something.
 */
export function expectedStates(
  readings: OracleReading[],
  network: OracleNetwork,
  { cityNow, windowMs, lateAfterMs }: OracleSettings,
): ExpectedState[] {
  const home = new Map(network.flatMap((road) => road.devices.map((device) => [device, road.segment] as const)))
  const given = new Map(network.map((road) => [road.segment, road.freeFlowKmh]))
  const late = new Set(lateReadings(readings, lateAfterMs))
  const roads: Record<string, OracleReading[]> = {}
  const inTime = readings.filter((r) => !late.has(r)).map(possible)
  for (const reading of survivors(inTime.filter(saysSomething))) {
    const road = home.get(reading.device) ?? reading.device
    roads[road] ??= []
    roads[road].push(reading)
  }
  const states: ExpectedState[] = []
  for (const segment of Object.keys(roads)) {
    const bins = binned(roads[segment] as OracleReading[], windowMs)
    for (const bin of bins) {
      const day = Math.floor(bin.start / DAY) * DAY
      const freeFlow = given.get(segment) ?? learnt(bins, day)
      states.push(finalState(segment, bin, bins, freeFlow, windowMs))
      const next = bin.start + windowMs
      const silent = cityNow >= next + 2 * windowMs && !bins.some(({ start }) => start === next)
      if (silent) states.push(silence(segment, next))
    }
  }
  return states.sort((a, b) => (`${a.segment} ${a.windowStart}` < `${b.segment} ${b.windowStart}` ? -1 : 1))
}

/** The reading without the values no road can show. */
const possible = (r: OracleReading): OracleReading => {
  const within = (value: number | undefined, most: number) =>
    value !== undefined && value >= 0 && value <= most ? value : undefined
  return {
    ...r,
    speed: within(r.speed, 500),
    count: within(r.count, 100_000),
    occupancy: within(r.occupancy, 1),
  }
}

const saysSomething = (r: OracleReading) => [r.speed, r.count, r.occupancy].some((value) => value !== undefined)

/** One reading for each device and instant: sort by seq, then by the values, and keep the last. */
function survivors(readings: OracleReading[]): OracleReading[] {
  const weightOf = (r: OracleReading) => [r.seq ?? -1, r.speed ?? -1, r.count ?? -1, r.occupancy ?? -1]
  const ascending = [...readings].sort((a, b) => {
    const [left, right] = [weightOf(a), weightOf(b)]
    const i = left.findIndex((value, at) => value !== right[at])
    return i < 0 ? 0 : (left[i] as number) - (right[i] as number)
  })
  return [...new Map(ascending.map((r) => [`${r.device} ${Date.parse(r.observedAt)}`, r])).values()]
}

function binned(readings: OracleReading[], windowMs: number): Bin[] {
  const sorted = [...readings].sort((a, b) => Date.parse(a.observedAt) - Date.parse(b.observedAt))
  const bins: Bin[] = []
  for (const reading of sorted) {
    const at = Date.parse(reading.observedAt)
    const start = at - (((at % windowMs) + windowMs) % windowMs)
    if (bins.at(-1)?.start !== start) bins.push({ start, readings: [], speed: null, vehicles: null, occupancy: null })
    bins.at(-1)?.readings.push(reading)
  }
  for (const bin of bins) {
    const counts = bin.readings.flatMap((r) => r.count ?? [])
    if (counts.length > 0) bin.vehicles = Number(total(counts.map((c) => c * 1000))) / 1000
    const shares = bin.readings.flatMap((r) => r.occupancy ?? [])
    if (shares.length > 0)
      bin.occupancy = Math.round(Number(total(shares.map((o) => o * 1e6))) / shares.length / 100) / 10_000
    const moving = bin.readings.filter((r) => r.speed !== undefined)
    const vehicles = total(moving.map((r) => (r.count ?? 1) * 1000))
    const hours = total(moving.map((r) => ((r.count ?? 1) * 1e9) / Math.max(1, r.speed as number)))
    if (vehicles > 0n) bin.speed = Math.round((Number(vehicles) * 1e7) / Number(hours)) / 10
  }
  return bins
}

const total = (values: number[]): bigint => values.reduce((sum, value) => sum + BigInt(Math.floor(value)), 0n)

/** 85th percentile of the speeds of the eight days that end one day before this one begins. */
function learnt(bins: Bin[], day: number): number | null {
  const speeds = bins
    .filter(({ start }) => start >= day - 9 * DAY && start < day - DAY)
    .flatMap(({ speed }) => speed ?? [])
    .sort((a, b) => a - b)
  return speeds.length < 100 ? null : (speeds[Math.ceil(0.85 * speeds.length) - 1] as number)
}

function finalState(segment: string, bin: Bin, bins: Bin[], freeFlow: number | null, windowMs: number): ExpectedState {
  const state = {
    segment,
    windowStart: new Date(bin.start).toISOString(),
    n: bin.readings.length,
    speedKmh: bin.speed,
    freeFlowKmh: freeFlow,
    observedAt: new Date(Date.parse(bin.readings.at(-1)?.observedAt as string)).toISOString(),
  }
  if (bin.speed === null || freeFlow === null) return { ...state, level: 'unknown', ratio: null, confidence: 0 }
  const r = bin.speed / freeFlow
  const names = ['stationary', 'queuing', 'slow', 'heavy', 'free']
  const rank = [0.25, 0.35, 0.625, 0.9].filter((bound) => r >= bound).length
  const recent = bins.filter(({ start }) => start <= bin.start && start >= bin.start - 12 * windowMs)
  const held = jam(recent, freeFlow) ? Math.min(rank, 2) : Math.max(rank, 2)
  const blind = bin.vehicles === null && bin.occupancy === null
  return {
    ...state,
    level: names[held] as string,
    ratio: Math.round(r * 1000) / 1000,
    confidence: tooFew(bin) ? 0.5 : blind ? 0.7 : 0.9,
  }
}

const tooFew = (bin: Bin) => bin.vehicles !== null && bin.vehicles < 5 && (bin.occupancy ?? 0) <= 0.3

/** Writes one letter a telling window, J jammed, F flowing, . neither, and reads the last verdict off the text. */
function jam(bins: Bin[], freeFlow: number): boolean {
  const text = bins
    .filter((bin) => bin.speed !== null && !tooFew(bin))
    .map((bin) => {
      const r = (bin.speed as number) / freeFlow
      const standing = bin.vehicles !== null || bin.occupancy === null || bin.occupancy > 0.3
      return r < 0.5 && standing ? 'J' : r > 0.6 ? 'F' : '.'
    })
    .join('')
  return text.lastIndexOf('JJ') > text.lastIndexOf('FFF')
}

const silence = (segment: string, start: number): ExpectedState => ({
  segment,
  windowStart: new Date(start).toISOString(),
  n: 0,
  level: 'unknown',
  speedKmh: null,
  freeFlowKmh: null,
  ratio: null,
  confidence: 0,
  observedAt: null,
})
