import type { Sql } from '#shared/state/sql.ts'
import { upsertMany } from '#shared/state/upsert.ts'
import type { Placed } from './sample.ts'

/** A window of a segment. */
export interface WindowKey {
  segment: string
  /** Its start, milliseconds since 1970. */
  window: number
}

const COLUMNS = [
  { name: 'segment', type: 'text' },
  { name: '"window"', type: 'timestamptz' },
  { name: 'device', type: 'text' },
  { name: 'observed_at', type: 'timestamptz' },
  { name: 'seq', type: 'bigint' },
  { name: 'speed', type: 'float8' },
  { name: 'count', type: 'float8' },
  { name: 'occupancy', type: 'float8' },
]
const KEYS = 4

// Two readings of one device and instant: the higher seq stays, then the greater values, a missing one being the least.
const RANK = ['speed', 'count', 'occupancy'].map((name) => (row: string) => `coalesce(${row}.${name}, '-infinity')`)
const rank = (row: string): string => `(${[`${row}.seq`, ...RANK.map((part) => part(row))].join(', ')})`

/** Keeps samples by natural key, in any order and any number of times; answers the windows it may have changed. */
export async function keepReadings(sql: Sql, samples: Placed[]): Promise<WindowKey[]> {
  const instant = rememberInstants()
  const written = await upsertMany(sql, {
    table: 'window_reading',
    columns: COLUMNS,
    keys: KEYS,
    rows: samples.map((sample) => [
      sample.segment,
      instant(sample.window),
      sample.reading.device,
      sample.reading.observedAt,
      sample.seq,
      sample.speed,
      sample.count,
      sample.occupancy,
    ]),
    wins: outranks,
    when: `${rank('excluded')} > ${rank('t')}`,
  })
  return written === 0 ? [] : windowsOf(samples)
}

// The readings of a unit share few windows.
function rememberInstants(): (at: number) => string {
  const texts = new Map<number, string>()
  return (at) => {
    const text = texts.get(at) ?? new Date(at).toISOString()
    texts.set(at, text)
    return text
  }
}

/** The windows that samples fall into, each once. */
export function windowsOf(samples: Placed[]): WindowKey[] {
  const windows = new Map(samples.map(({ segment, window }) => [`${window} ${segment}`, { segment, window }]))
  return [...windows.values()]
}

function outranks(candidate: unknown[], kept: unknown[]): boolean {
  for (let i = KEYS; i < COLUMNS.length; i++) {
    const [a, b] = [(candidate[i] as number | null) ?? -Infinity, (kept[i] as number | null) ?? -Infinity]
    if (a !== b) return a > b
  }
  return false
}
