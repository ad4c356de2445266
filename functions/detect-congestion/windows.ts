import type { Sql } from '#shared/state/sql.ts'
import { upsertMany } from '#shared/state/upsert.ts'
import type { Days } from './days.ts'
import { type Aggregate, evaluate, type Span, type WindowRow } from './evaluate.ts'
import { MEMORY } from './level.ts'
import type { WindowKey } from './readings.ts'

/** Evaluates the windows that were touched and those that depend on them; answers the rows it wrote. */
export async function evaluateWindows(
  sql: Sql,
  touched: WindowKey[],
  days: Days,
  windowMs: number,
): Promise<{ written: WindowRow[]; changed: WindowRow[] }> {
  if (touched.length === 0) return { written: [], changed: [] }
  const spans = spansOf(touched, await aggregateReadings(sql, touched), MEMORY * windowMs)
  await readSpans(sql, spans)
  const written: WindowRow[] = []
  const changed: WindowRow[] = []
  for (const span of spans)
    for (const row of evaluate(span, (window) => days.freeFlow(span.segment, window), windowMs)) {
      written.push(row)
      if (row.rev !== span.rows.get(row.window)?.rev) changed.push(row)
    }
  await writeWindows(sql, written, windowMs)
  return { written, changed }
}

interface Sums {
  i: number
  n: number
  weight: number | null
  slowness: number | null
  counted: number | null
  occupied: number | null
  occupancies: number
  observedAt: number
}

/**
 * Adds up the readings of windows. Every term is an integer (vehicles and occupancy in thousandths and millionths,
 * slowness, i.e. vehicles / speed, in 1e-9 h/km, rounded down), so the sums are exact in any order.
 */
async function aggregateReadings(sql: Sql, windows: WindowKey[]): Promise<Aggregate[]> {
  const { rows } = await sql.query<Sums>(
    `select g.i::int as i, r.* from unnest($1::text[], $2::timestamptz[]) with ordinality g (segment, "window", i)
     cross join lateral (
       select count(*)::int as n,
         sum(floor(coalesce(count, 1) * 1000::float8)::bigint) filter (where speed is not null)::float8 as weight,
         sum(floor(coalesce(count, 1) * 1e9::float8 / greatest(speed, 1))::bigint)
           filter (where speed is not null)::float8 as slowness,
         sum(floor(count * 1000::float8)::bigint)::float8 as counted,
         sum(floor(occupancy * 1e6::float8)::bigint)::float8 as occupied, count(occupancy)::int as occupancies,
         date_part('epoch', max(observed_at)) * 1000 as "observedAt"
       from window_reading where segment = g.segment and "window" = g."window"
     ) r`,
    [windows.map(({ segment }) => segment), windows.map(({ window }) => new Date(window).toISOString())],
  )
  const aggregates = new Array<Aggregate>(windows.length)
  for (const row of rows) aggregates[row.i - 1] = aggregateOf(row)
  return aggregates
}

/** The speed is the harmonic (space) mean over the vehicles, to 0.1 km/h; a reading without a count is one vehicle. */
function aggregateOf({ n, weight, slowness, counted, occupied, occupancies, observedAt }: Sums): Aggregate {
  return {
    n,
    speed: weight && slowness ? Math.round((weight * 1e7) / slowness) / 10 : null,
    vehicles: counted === null ? null : counted / 1000,
    occupancy: occupied === null ? null : Math.round(occupied / occupancies / 100) / 1e4,
    observedAt: Math.round(observedAt),
  }
}

/** The disjoint spans that reach `reach` to both sides of each touched window. */
function spansOf(touched: WindowKey[], aggregates: Aggregate[], reach: number): Span[] {
  const spans: Span[] = []
  const sorted = touched
    .map((key, i) => ({ ...key, aggregate: aggregates[i] as Aggregate }))
    .sort((a, b) => (a.segment === b.segment ? a.window - b.window : a.segment < b.segment ? -1 : 1))
  for (const { segment, window, aggregate } of sorted) {
    let span = spans.at(-1)
    if (span?.segment !== segment || window - reach > span.last) {
      span = { segment, first: window - reach, last: window + reach, rows: new Map(), touched: new Map() }
      spans.push(span)
    }
    span.last = window + reach
    span.touched.set(window, aggregate)
  }
  return spans
}

/** Fills in the stored rows of spans. */
async function readSpans(sql: Sql, spans: Span[]): Promise<void> {
  const { rows } = await sql.query<WindowRow & { i: number }>(
    `select g.i::int as i, w.* from unnest($1::text[], $2::timestamptz[], $3::timestamptz[])
       with ordinality g (segment, first, last, i)
     cross join lateral (
       select segment, date_part('epoch', "window") * 1000 as "window", n, speed, vehicles, occupancy,
         free_flow_kmh as "freeFlow", ratio, level, confidence,
         round(date_part('epoch', observed_at) * 1000) as "observedAt", open, rev
       from window_state where segment = g.segment and "window" between g.first and g.last
     ) w`,
    [
      spans.map(({ segment }) => segment),
      spans.map(({ first }) => new Date(first).toISOString()),
      spans.map(({ last }) => new Date(last).toISOString()),
    ],
  )
  for (const row of rows) spans[row.i - 1]?.rows.set(row.window, row)
}

const COLUMNS = [
  { name: 'segment', type: 'text' },
  { name: '"window"', type: 'timestamptz' },
  { name: 'window_end', type: 'timestamptz' },
  { name: 'n', type: 'int' },
  { name: 'vehicles', type: 'float8' },
  { name: 'occupancy', type: 'float8' },
  { name: 'speed', type: 'float8' },
  { name: 'free_flow_kmh', type: 'float8' },
  { name: 'ratio', type: 'float8' },
  { name: 'level', type: 'text' },
  { name: 'confidence', type: 'float8' },
  { name: 'observed_at', type: 'timestamptz' },
  { name: 'open', type: 'boolean' },
  { name: 'rev', type: 'int' },
]

/** Writes rows of window_state as they are given. */
export async function writeWindows(sql: Sql, rows: WindowRow[], windowMs: number): Promise<void> {
  await upsertMany(sql, {
    table: 'window_state',
    columns: COLUMNS,
    keys: 2,
    rows: rows.map((row) => [
      row.segment,
      new Date(row.window).toISOString(),
      new Date(row.window + windowMs).toISOString(),
      row.n,
      row.vehicles,
      row.occupancy,
      row.speed,
      row.freeFlow,
      row.ratio,
      row.level,
      row.confidence,
      row.observedAt === null ? null : new Date(row.observedAt).toISOString(),
      row.open,
      row.rev,
    ]),
  })
}
