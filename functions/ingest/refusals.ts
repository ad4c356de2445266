import { formatInstant } from '#shared/contracts/instant.ts'
import type { Fault } from '#shared/contracts/problem.ts'
import type { HttpContext } from '#shared/function/define.ts'
import type { Sql } from '#shared/state/sql.ts'
import { upsertMany } from '#shared/state/upsert.ts'
import type { Item } from './items.ts'

const FLUSH_MS = 1_000
const HOUR = 3_600_000
const KEEP_MS = 7 * 24 * HOUR
const PURGE_CHUNK = 1_000

/** Devices counted apart between two flushes; what is refused of further ones counts for the strangers. */
export const MAX_DEVICES = 1_000
const MAX_ERROR = 200

/** Stands for every name that is not that of a sensor; no device has it. */
const STRANGERS = ''

/** Counts a refused reading, at an instant of city time; undefined where no device is to be blamed. */
export type NoteRefusal = (device: string | undefined, fault: Pick<Fault, 'code' | 'errors'>, at: number) => void

interface Count {
  count: number
  lastAt: number
  code: string
  error: string
}

/**
 * Counts in memory and writes once a second at most, so that no request waits for it. As well as can be: what is not
 * written when the process is killed, or when PostgreSQL is away, is not counted.
 */
export function countRefusals(ctx: Pick<HttpContext, 'unit' | 'atExit' | 'counter' | 'log'>): NoteRefusal {
  const total = ctx.counter('readings_refused_total', 'Readings refused for good', 'code')
  let counts = new Map<string, Count>()
  let timer: NodeJS.Timeout | undefined
  let writing: Promise<void> | undefined

  const write = async () => {
    const taken = counts
    counts = new Map()
    if (taken.size === 0) return
    await ctx
      .unit(async (sql) => {
        await writeCounts(sql, taken)
        return []
      })
      .catch((error: unknown) => ctx.log.warn({ err: error, devices: taken.size }, 'refused readings are not counted'))
  }
  const flush = (): Promise<void> => {
    clearTimeout(timer)
    timer = undefined
    writing = (writing ?? Promise.resolve()).then(write).finally(() => {
      writing = undefined
      if (counts.size > 0) wait()
    })
    return writing
  }
  const wait = () => {
    timer ??= setTimeout(() => void flush(), FLUSH_MS)
    timer.unref()
  }
  ctx.atExit(flush)

  return (device = STRANGERS, { code, errors }, at) => {
    total(1, code)
    const name = counts.has(device) || counts.size < MAX_DEVICES ? device : STRANGERS
    const count = (counts.get(name)?.count ?? 0) + 1
    counts.set(name, { count, lastAt: at, code, error: wordsOf(errors) })
    if (writing === undefined) wait()
  }
}

// PostgreSQL text holds no NUL, and a key of the input may stand in the path.
const wordsOf = ([first]: Fault['errors']): string =>
  `${first?.path ?? ''} ${first?.message ?? ''}`
    .trim()
    .replaceAll(/\p{Cc}/gu, '\ufffd')
    .slice(0, MAX_ERROR)

/** The device that a reading names, where it can be read and could be that of a sensor. */
export function deviceOf(item: Item): string | undefined {
  const value = 'value' in item ? item.value : undefined
  const device: unknown =
    typeof value === 'object' && value !== null && Object.hasOwn(value, 'device')
      ? (value as { device: unknown }).device
      : undefined
  return typeof device === 'string' && device.length <= 128 && /^\P{Cc}+$/u.test(device) ? device : undefined
}

async function writeCounts(sql: Sql, counts: Map<string, Count>): Promise<void> {
  const { rows } = await sql.query<{ device: string }>(
    'select device from known_sensor where device = any($1::text[])',
    [[...counts.keys()]],
  )
  const known = new Set(rows.map(({ device }) => device))
  const sums = new Map<string, Count>()
  let now = 0
  for (const [device, count] of counts) {
    const name = known.has(device) ? device : STRANGERS
    sums.set(name, plus(count, sums.get(name)))
    now = Math.max(now, count.lastAt)
  }
  const newest = (name: string) => `case when excluded.last_at >= t.last_at then excluded.${name} else t.${name} end`
  await upsertMany(sql, {
    table: 'sensor_refusal',
    columns: [
      { name: 'device', type: 'text' },
      { name: 'hour', type: 'timestamptz' },
      { name: 'count', type: 'int', set: 't.count + excluded.count' },
      { name: 'last_at', type: 'timestamptz', set: 'greatest(t.last_at, excluded.last_at)' },
      { name: 'code', type: 'text', set: newest('code') },
      { name: 'error', type: 'text', set: newest('error') },
    ],
    keys: 2,
    rows: [...sums].map(([device, { count, lastAt, code, error }]) => [
      device,
      formatInstant(Math.floor(lastAt / HOUR) * HOUR),
      count,
      formatInstant(lastAt),
      code,
      error,
    ]),
  })
  await sql.query(
    `delete from sensor_refusal where (device, hour) in (
       select device, hour from sensor_refusal where hour < $1 order by hour limit ${PURGE_CHUNK} for update skip locked)`,
    [formatInstant(now - KEEP_MS)],
  )
}

const plus = (a: Count, b: Count | undefined): Count =>
  b === undefined ? a : { ...(b.lastAt > a.lastAt ? b : a), count: a.count + b.count }
