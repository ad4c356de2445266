import type { Bus, LogEvent } from '#shared/bus/port.ts'
import type { Database } from '#shared/state/database.ts'
import { type DeadLetter, insertDeadLetters } from '#shared/state/dead-letter.ts'
import type { Sql } from '#shared/state/sql.ts'
import { transaction } from '#shared/state/transaction.ts'
import type { Burial, Culprit } from './progress.ts'

/** One consumer's place in one partition. */
export interface Place {
  consumer: string
  topic: string
  partition: number
}

/** A stored position; `day` lets the PostgreSQL log skip what lies before it. */
export interface Position {
  next: bigint
  day: string
  /** The event whose attempts were being counted last, in the time of `Time.now` minus now: it began so long ago. */
  attempts?: Omit<Culprit, 'firstAt'> & { ageMs: number }
}

/** Reads and moves positions, always by compare-and-set. */
export interface Positions {
  /** The stored position; a consumer seen for the first time starts at `from`, which is resolved here, once. */
  load(place: Place, from: 'earliest' | 'latest'): Promise<Position>
  /** The stored positions of these consumers in these topics of the log as it is now. */
  all(consumers: string[], topics: string[]): Promise<(Place & { next: bigint })[]>
  /** Remembers the failed attempts of an event, so that a restart does not begin anew. */
  count(place: Place, culprit: Culprit): Promise<void>
  /** False where the position is no longer `first`: somebody else was here. */
  move(place: Place, first: bigint, next: bigint): Promise<boolean>
  /** Writes the dead letter and moves past it in one transaction; false, and nothing written, where `first` is stale. */
  bury(place: Place, first: bigint, event: LogEvent, burial: Burial): Promise<boolean>
}

const STALE = 'JN001'

interface Found {
  next: string
  day: string
  offset: string | null
  counts: Record<string, number>
  ageMs: number
}

/** Positions in PostgreSQL, for whichever bus. */
export function positionsOf(database: Database, bus: Bus): Positions {
  const key = async (place: Place) => [place.consumer, await bus.logOf(place.topic), place.topic, place.partition]

  async function find(place: Place): Promise<Position | undefined> {
    const { rows } = await database.query<Found>(
      `select next, next_day::text as day, a."offset", a.counts, extract(epoch from now() - a.first_at)::float8 * 1000 as "ageMs"
       from position p left join attempt a using (consumer, log, topic, partition)
       where consumer = $1 and log = $2 and topic = $3 and partition = $4`,
      await key(place),
    )
    const [row] = rows
    if (row === undefined) return undefined
    const position: Position = { next: BigInt(row.next), day: row.day }
    const { offset, counts, ageMs } = row
    return offset === null ? position : { ...position, attempts: { offset: BigInt(offset), counts, ageMs } }
  }

  async function start({ topic, partition }: Place, from: 'earliest' | 'latest'): Promise<bigint> {
    if (from === 'earliest') return bus.earliest(topic, partition)
    const end = (await bus.ends([topic])).find((end) => end.partition === partition)
    if (end === undefined) throw new Error(`the log has no partition ${partition} of topic ${topic}`)
    return end.end
  }

  const claim = async (sql: Sql, place: Place, first: bigint, next: bigint) =>
    sql.query('select position_claim($1, $2, $3, $4, $5, $6)', [
      ...(await key(place)),
      first.toString(),
      next.toString(),
    ])

  return {
    async load(place, from) {
      const stored = await find(place)
      if (stored !== undefined) return stored
      const next = await start(place, from)
      await database.query(
        'insert into position (consumer, log, topic, partition, next) values ($1, $2, $3, $4, $5) on conflict do nothing',
        [...(await key(place)), next.toString()],
      )
      return (await find(place)) ?? { next, day: '-infinity' }
    },
    async all(consumers, topics) {
      const { rows } = await database.query<Place & { log: string; next: string }>(
        'select consumer, log, topic, partition, next from position where consumer = any($1) and topic = any($2)',
        [consumers, topics],
      )
      const logs = new Map(await Promise.all(topics.map(async (topic) => [topic, await bus.logOf(topic)] as const)))
      return rows
        .filter(({ log, topic }) => logs.get(topic) === log)
        .map(({ consumer, topic, partition, next }) => ({ consumer, topic, partition, next: BigInt(next) }))
    },
    async count(place, { offset, counts }) {
      await database.query(
        `insert into attempt (consumer, log, topic, partition, "offset", counts) values ($1, $2, $3, $4, $5, $6)
         on conflict (consumer, log, topic, partition) do update set "offset" = excluded."offset", counts = excluded.counts,
           first_at = case when attempt."offset" = excluded."offset" then attempt.first_at else now() end`,
        [...(await key(place)), offset.toString(), JSON.stringify(counts)],
      )
    },
    move: (place, first, next) => unlessStale(claim(database, place, first, next)),
    bury: (place, first, event, burial) =>
      unlessStale(
        transaction(database, async (sql) => {
          await insertDeadLetters(sql, [deadLetterOf(place.consumer, event, burial)])
          await sql.query(
            'delete from attempt where consumer = $1 and log = $2 and topic = $3 and partition = $4',
            await key(place),
          )
          await claim(sql, place, first, event.offset + 1n)
        }),
      ),
  }
}

async function unlessStale(work: Promise<unknown>): Promise<boolean> {
  try {
    await work
    return true
  } catch (error) {
    if ((error as { code?: unknown }).code === STALE) return false
    throw error
  }
}

function deadLetterOf(consumer: string, event: LogEvent, burial: Burial): DeadLetter {
  const { topic, partition, offset, id, type, key, attributes, data } = event
  const kept = ['source', 'time', 'subject', 'traceparent'].flatMap((name): [string, string][] =>
    attributes[name] === undefined ? [] : [[name, attributes[name]]],
  )
  return {
    consumer,
    topic,
    partition,
    offset,
    eventId: id,
    reason: burial.reason,
    errorClass: burial.code,
    error: burial.error,
    attempts: burial.attempts,
    ageMs: burial.ageMs,
    traceId: attributes.traceparent?.split('-')[1],
    headers: Object.fromEntries([...kept, ['type', type], ['partitionkey', key]]),
    body: data,
  }
}
