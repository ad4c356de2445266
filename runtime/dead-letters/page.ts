import type { DeadLetterPage, DeadLetterSummary } from '#shared/contracts/dead-letters.ts'
import type { Sql } from '#shared/state/sql.ts'

/** Which open dead letters a page shows. */
export interface PageQuery {
  consumer: string | null
  reason: string | null
  limit: number
  /** The last one of the page before. */
  after: string | null
}

interface Row extends Omit<DeadLetterSummary, 'firstSeen' | 'preview'> {
  firstSeen: Date
  head: Buffer
}

const PREVIEW_BYTES = 600

/** One page of the open dead letters, newest first, with how many there are of each reason. */
export const readDeadLetterPage = async (sql: Sql, query: PageQuery): Promise<DeadLetterPage> => {
  const { consumer, reason, limit, after } = query
  const [counts, found] = await Promise.all([
    sql.query<{ reason: string; open: number }>(
      `select reason, count(*)::int as open from dead_letter
       where resolution is null and ($1::text is null or consumer = $1) group by reason order by reason`,
      [consumer],
    ),
    sql.query<Row>(
      `select id, consumer, topic, event_id as "eventId", part, reason, error, attempts, replays,
         first_seen as "firstSeen", substring(body for ${PREVIEW_BYTES}) as head, octet_length(body) as bytes
       from dead_letter
       where resolution is null and ($1::text is null or consumer = $1) and ($2::text is null or reason = $2)
         and ($3::uuid is null or (first_seen, id) < (select first_seen, id from dead_letter where id = $3))
       order by first_seen desc, id desc limit $4`,
      [consumer, reason, after, limit + 1],
    ),
  ])
  const byReason = Object.fromEntries(counts.rows.map(({ reason, open }) => [reason, open]))
  const shown = found.rows.slice(0, limit)
  return {
    total: counts.rows.reduce((sum, row) => (reason === null || row.reason === reason ? sum + row.open : sum), 0),
    byReason,
    deadLetters: shown.map(({ firstSeen, head, ...row }) => ({
      ...row,
      firstSeen: firstSeen.toISOString(),
      preview: previewOf(head, row.bytes),
    })),
    next: found.rows.length > limit ? (shown.at(-1)?.id ?? null) : null,
  }
}

/** The beginning of an event's data as text; what is not UTF-8 is shown in hexadecimal. */
export const previewOf = (head: Buffer, bytes: number): string => {
  const cut = bytes > head.length
  try {
    // A character that the cut went through is left out.
    return `${new TextDecoder('utf-8', { fatal: true }).decode(head, { stream: cut })}${cut ? '…' : ''}`
  } catch {
    const hex = head.subarray(0, 64).toString('hex').replace(/../g, '$& ').trimEnd()
    return `${hex}${bytes > 64 ? ' …' : ''}`
  }
}
