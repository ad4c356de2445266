import type { Database } from '#shared/state/database.ts'
import { logAppend } from '#shared/state/log-append.ts'
import { NoSuchTopic, PositionOutOfRange } from './errors.ts'
import { groupCommit } from './group-commit.ts'
import { type Leases, leasePartitions } from './lease.ts'
import type { Bus, LogEvent, Partition, PartitionEnd, ReadFrom, ReadLimits, Slice } from './port.ts'

interface Row {
  offset: string
  key: string
  id: string
  type: string
  attributes: string
  data: Buffer
  appendedAt: Date
}

/** The log in PostgreSQL, which anybody may read without a share of it. */
export interface PostgresBus extends Bus {
  read(from: ReadFrom, limits: ReadLimits): Promise<Slice>
}

/** The log in PostgreSQL (the tables of migration 001); whoever delivers from it needs `leases` to share it with others. */
export function postgresBus(database: Database, leases?: Leases): PostgresBus {
  const readFrom = (from: ReadFrom, limits: ReadLimits) => read(database, from, limits)
  return {
    logOf: async () => 'postgres',
    // One statement is one transaction: durable when it is answered.
    append: groupCommit((events) => logAppend(database, events), isCulprit),
    // Its partitions are rows that a migration makes.
    ensureTopics: async () => {},
    read: readFrom,
    async assign(consumer, topics, onChange) {
      if (leases === undefined) throw new Error('this bus was opened without leases: nothing can be assigned')
      const { rows } = await database.query<Partition>(
        'select topic, partition from log_partition where topic = any($1) order by topic, partition',
        [topics],
      )
      const missing = topics.find((topic) => rows.every((row) => row.topic !== topic))
      if (missing !== undefined) throw new NoSuchTopic(missing, 'in the log of PostgreSQL')
      const lease = await leasePartitions(leases, `postgres/${consumer}`, rows, onChange)
      return { read: (from, limits) => readInRange(database, from, limits), release: lease.leave }
    },
    async ends(topics) {
      const { rows } = await database.query<{ topic: string; partition: number; end: string }>(
        `select topic, partition, next_offset as "end" from log_partition where topic = any($1) order by topic, partition`,
        [topics],
      )
      return rows.map((row): PartitionEnd => ({ ...row, end: BigInt(row.end) }))
    },
    async earliest(topic, partition) {
      const { rows } = await database.query<{ earliest: string | null }>(
        `select coalesce((select min("offset") from log where topic = $1 and partition = $2),
          (select next_offset from log_partition where topic = $1 and partition = $2)) as earliest`,
        [topic, partition],
      )
      const earliest = rows[0]?.earliest
      if (earliest == null) throw new Error(`the log has no partition ${partition} of topic ${topic}`)
      return BigInt(earliest)
    },
    async offsetAt(topic, partition, time) {
      // The day of an event is taken a moment before its instant.
      const { rows } = await database.query<{ offset: string | null }>(
        `select coalesce((select "offset" from log where topic = $1 and partition = $2 and appended_at >= $3
            and day >= ($3::timestamptz at time zone 'utc')::date - 1 order by "offset" limit 1),
          (select next_offset from log_partition where topic = $1 and partition = $2)) as "offset"`,
        [topic, partition, time],
      )
      return BigInt(rows[0]?.offset ?? 0)
    },
    close: async () => {},
  }
}

/** This log has no holes: events that are not where they must be were dropped, or never were. */
async function readInRange(database: Database, from: ReadFrom, limits: ReadLimits): Promise<Slice> {
  const slice = await read(database, from, limits)
  const first = slice.events[0]?.offset
  if (first === from.offset) return slice
  const { topic, partition, offset } = from
  const { rows } = await database.query<{ end: string; earliest: string | null }>(
    `select next_offset as "end", (select min("offset") from log where topic = $1 and partition = $2 and "offset" >= $3) as earliest
     from log_partition where topic = $1 and partition = $2`,
    [topic, partition, offset.toString()],
  )
  const end = BigInt(rows[0]?.end ?? 0)
  const earliest = BigInt(rows[0]?.earliest ?? end)
  // What was appended after the read is no gap.
  if (earliest === offset) return slice
  throw new PositionOutOfRange(
    offset > end
      ? `position ${offset} of ${topic}/${partition} lies beyond the end of the log, ${end}`
      : `position ${offset} of ${topic}/${partition} is no longer in the log, which begins at ${earliest}`,
  )
}

// The inner query bounds the rows before the running sum looks at their sizes, which needs no detoasting.
async function read(database: Database, from: ReadFrom, limits: ReadLimits): Promise<Slice> {
  const { rows } = await database.query<Row>(
    `select "offset", key, id, type, attributes, data, appended_at as "appendedAt" from (
       select *, sum(octet_length(data) + octet_length(attributes) + octet_length(id) + 200) over (order by "offset") as bytes
       from (select * from log where topic = $1 and partition = $2 and "offset" >= $3 and day >= $4
             order by "offset" limit $5) candidates
     ) sized where bytes <= $6 or "offset" = $3 order by "offset"`,
    [from.topic, from.partition, from.offset.toString(), from.day ?? '-infinity', limits.events, limits.bytes],
  )
  const events = rows.map(
    (row): LogEvent => ({
      topic: from.topic,
      partition: from.partition,
      offset: BigInt(row.offset),
      key: row.key,
      id: row.id,
      type: row.type,
      attributes: JSON.parse(row.attributes),
      data: row.data,
      appendedAt: row.appendedAt.getTime(),
    }),
  )
  return { events, next: events.length === 0 ? from.offset : (events.at(-1) as LogEvent).offset + 1n }
}

// Data exceptions, integrity violations and program limits: the fault of the event, not of the world.
function isCulprit(error: unknown): boolean {
  return /^(22|23|54|JN002)/.test(String((error as { code?: unknown }).code ?? ''))
}
