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

/** The filter as SQL over `$1` … `$5`. */
const WHERE = `(cardinality($1::uuid[]) = 0 or id = any($1)) and ($2::text is null or consumer = $2)
  and ($3::text is null or reason = $3) and ($4::timestamptz is null or first_seen >= $4) and ($5 or resolution is null)`

const valuesOf = ({ ids, consumer, reason, since, all }: DeadLetterFilter): unknown[] => [
  ids,
  consumer ?? null,
  reason ?? null,
  since ?? null,
  all,
]

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

const WHOLE = `${LISTED}, function_version as "functionVersion", trace_id as "traceId", headers, body`

/** The dead letters of a filter, oldest first. */
export const listDeadLetters = async (sql: Sql, filter: DeadLetterFilter): Promise<DeadLetterRow[]> => {
  const { rows } = await sql.query<DeadLetterRow>(
    `select ${LISTED} from dead_letter where ${WHERE} order by first_seen, id limit $6`,
    [...valuesOf(filter), filter.limit],
  )
  return rows
}

const PAGE_LETTERS = 500
const PAGE_BYTES = 4 << 20

/** The whole dead letters of a filter, oldest first, read in pages of a few MiB. */
export async function* wholeDeadLetters(sql: Sql, filter: DeadLetterFilter): AsyncGenerator<WholeDeadLetter> {
  let after: string | null = null
  for (let left = filter.limit; left > 0; ) {
    const rows: WholeDeadLetter[] = await readPage(sql, filter, after, Math.min(left, PAGE_LETTERS))
    yield* rows
    const last = rows.at(-1)
    if (last === undefined) return
    after = last.id
    left -= rows.length
  }
}

// The sizes are summed up over the letters of a page before any body is read.
async function readPage(sql: Sql, filter: DeadLetterFilter, after: string | null, limit: number) {
  const { rows } = await sql.query<WholeDeadLetter>(
    `select ${WHOLE} from (
       select *, sum(octet_length(body)) over (order by first_seen, id) as bytes, row_number() over (order by first_seen, id) as nth
       from (select * from dead_letter where ${WHERE}
               and ($6::uuid is null or (first_seen, id) > ((select first_seen from dead_letter where id = $6), $6))
             order by first_seen, id limit $7) candidates
     ) sized where bytes <= ${PAGE_BYTES} or nth = 1 order by first_seen, id`,
    [...valuesOf(filter), after, limit],
  )
  return rows
}

/** The names of all consumers: of those that were ever deployed, and of what they left behind. */
export const knownConsumers = async (sql: Sql): Promise<string[]> => {
  const { rows } = await sql.query<{ consumer: string }>(
    'select name as consumer from consumer union select consumer from position union select consumer from dead_letter order by 1',
  )
  return rows.map(({ consumer }) => consumer)
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
  const { rows } = await sql.query<WholeDeadLetter>(`select ${WHOLE} from dead_letter where id = $1`, [id])
  return rows[0]
}

/** What is kept of a dead letter as JSON: the body as text where it is UTF-8, else in base64. */
export const exportedLetter = ({ body, ...letter }: WholeDeadLetter) => {
  const text = body.toString('utf8')
  return { ...letter, ...(Buffer.from(text).equals(body) ? { body: text } : { bodyBase64: body.toString('base64') }) }
}

/** Whether a text can be the id of a dead letter. */
export const isDeadLetterId = (text: string): boolean =>
  /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(text)
