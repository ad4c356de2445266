import type { AcceptedReading } from '#shared/contracts/reading.ts'
import type { Sql } from '#shared/state/sql.ts'
import { type Column, upsertMany } from '#shared/state/upsert.ts'

const HOUR = 3_600_000

/** Twice what is shown, so that a reading counts no second time while it does. */
const KEEP_FAULTS_MS = 48 * HOUR

/** A device that no network names is forgotten once it was not heard of for so long. */
const KEEP_STRANGERS_MS = 7 * 24 * HOUR

/** Rows of a table purged in one unit at most. */
export const HEALTH_CHUNK = 1000

const latest = (name: string): Column => ({ name, type: 'timestamptz', set: `greatest(t.${name}, excluded.${name})` })

/**
 * Keeps when each device was last heard of, and which of its readings came late or hold a value out of range; by natural
 * key, so in any order and any number of times. Answers how many of the latter it had not known.
 */
export async function keepHealth(sql: Sql, readings: AcceptedReading[], late: AcceptedReading[]): Promise<number> {
  await upsertMany(sql, {
    table: 'sensor',
    columns: [{ name: 'device', type: 'text' }, latest('last_observed_at'), latest('last_received_at')],
    keys: 1,
    rows: newestOf(readings),
    when: `excluded.last_observed_at > t.last_observed_at
      or excluded.last_received_at > coalesce(t.last_received_at, '-infinity')`,
  })
  return upsertMany(sql, {
    table: 'sensor_fault',
    columns: [
      { name: 'device', type: 'text' },
      { name: 'observed_at', type: 'timestamptz' },
      { name: 'kind', type: 'text' },
      { name: 'received_at', type: 'timestamptz' },
    ],
    keys: 3,
    rows: [...late.map(fault('late')), ...readings.filter(isFlagged).map(fault('flagged'))],
    wins: ([, , , received], [, , , kept]) => String(received) < String(kept),
    when: 'excluded.received_at < t.received_at',
  })
}

const isHistorical = ({ quality }: AcceptedReading): boolean => quality.flags.includes('historical')

// History tells of a day long gone, and when it was given nothing of the device.
const isFlagged = (reading: AcceptedReading): boolean =>
  reading.quality.flags.some((flag) => flag.startsWith('range:')) && !isHistorical(reading)

const fault =
  (kind: 'late' | 'flagged') =>
  ({ device, observedAt, receivedAt }: AcceptedReading) => [device, observedAt, kind, receivedAt]

/** A row for each device: its newest observation and arrival. Instants in canonical form sort as text. */
function newestOf(readings: AcceptedReading[]): (string | null)[][] {
  const newest = new Map<string, [device: string, observed: string, received: string | null]>()
  for (const reading of readings) {
    const { device, observedAt } = reading
    const receivedAt = isHistorical(reading) ? null : reading.receivedAt
    const row = newest.get(device)
    if (row === undefined) newest.set(device, [device, observedAt, receivedAt])
    else {
      if (observedAt > row[1]) row[1] = observedAt
      if (receivedAt !== null && (row[2] === null || receivedAt > row[2])) row[2] = receivedAt
    }
  }
  return [...newest.values()]
}

/**
 * Purges faults that are no longer shown and strangers that fell silent, a chunk of each at most; answers whether there
 * may be more. Waits for no lock, so its place in the order of locks is free.
 */
export async function purgeHealth(sql: Sql, now: Date): Promise<boolean> {
  const before = (ms: number) => new Date(now.getTime() - ms).toISOString()
  const faults = await sql.query(
    `delete from sensor_fault where (device, observed_at, kind) in (
       select device, observed_at, kind from sensor_fault where received_at < $1
       order by received_at limit ${HEALTH_CHUNK} for update skip locked)`,
    [before(KEEP_FAULTS_MS)],
  )
  const strangers = await sql.query(
    `delete from sensor where device in (
       select s.device from sensor s where s.last_observed_at < $1
         and not exists (select 1 from segment_device d where d.device = s.device)
       limit ${HEALTH_CHUNK} for update skip locked)`,
    [before(KEEP_STRANGERS_MS)],
  )
  return faults.rowCount === HEALTH_CHUNK || strangers.rowCount === HEALTH_CHUNK
}

/** Whether there are faults that will have to be purged. */
export async function hasFaults(sql: Sql): Promise<boolean> {
  const { rows } = await sql.query<{ some: boolean }>('select exists (select 1 from sensor_fault) as some')
  return rows[0]?.some ?? false
}

/** The next midnight, UTC. */
export const nextDay = (now: Date): Date => new Date((Math.floor(now.getTime() / (24 * HOUR)) + 1) * 24 * HOUR)
