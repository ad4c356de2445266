import type { Sql } from '#shared/state/sql.ts'

/** Which dead letters are asked for. */
export interface DeadLetterFilter {
  ids: string[]
  consumer?: string | undefined
  reason?: string | undefined
  /** First seen at or after this. */
  since?: Date | undefined
  limit: number
  /** Those already brought back or dropped, too. */
  all: boolean
}

/** One dead letter as a list shows it. */
export interface DeadLetterRow {
  id: string
  consumer: string
  topic: string | null
  partition: number | null
  offset: string | null
  eventId: string | null
  part: string | null
  reason: string
  errorClass: string
  error: string
  attempts: number
  firstSeen: Date
  lastSeen: Date
  replays: number
  resolution: string | null
}

/** One dead letter with what was kept of the event. */
export interface WholeDeadLetter extends DeadLetterRow {
  functionVersion: string | null
  traceId: string | null
  headers: Record<string, string>
  body: Buffer
}

const LISTED = `id, consumer, topic, partition, "offset"::text as "offset", event_id as "eventId", part, reason,
  error_class as "errorClass", error, attempts, first_seen as "firstSeen", last_seen as "lastSeen", replays, resolution`

/** The dead letters of a filter, oldest first. */
export const listDeadLetters = async (sql: Sql, filter: DeadLetterFilter): Promise<DeadLetterRow[]> => {
  const { rows } = await sql.query<DeadLetterRow>(
    `select ${LISTED} from dead_letter
     where (cardinality($1::uuid[]) = 0 or id = any($1)) and ($2::text is null or consumer = $2)
       and ($3::text is null or reason = $3) and ($4::timestamptz is null or first_seen >= $4)
       and ($5 or resolution is null)
     order by first_seen, id limit $6`,
    [filter.ids, filter.consumer ?? null, filter.reason ?? null, filter.since ?? null, filter.all, filter.limit],
  )
  return rows
}

/** How many dead letters there are of one consumer and reason. */
export interface DeadLetterCount {
  consumer: string
  reason: string
  letters: number
}

/** What dead letters there are, by consumer and reason; the open ones, or all. */
export const countDeadLetters = async (sql: Sql, all: boolean): Promise<DeadLetterCount[]> => {
  const { rows } = await sql.query<DeadLetterCount>(
    `select consumer, reason, count(*)::int as letters from dead_letter where $1 or resolution is null
     group by consumer, reason order by consumer, reason`,
    [all],
  )
  return rows
}

/** One whole dead letter, where there is one of that id. */
export const findDeadLetter = async (sql: Sql, id: string): Promise<WholeDeadLetter | undefined> => {
  const { rows } = await sql.query<WholeDeadLetter>(
    `select ${LISTED}, function_version as "functionVersion", trace_id as "traceId", headers, body
     from dead_letter where id = $1`,
    [id],
  )
  return rows[0]
}

/** Whether a text can be the id of a dead letter. */
export const isDeadLetterId = (text: string): boolean =>
  /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(text)
