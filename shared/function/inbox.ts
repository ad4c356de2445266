import { createHash } from 'node:crypto'
import type { Sql } from '#shared/state/sql.ts'

/** What makes an event the same event again; `principal` keeps callers from claiming each other's. */
export interface InboxKey {
  source: string
  id: string
  part?: string | undefined
  principal?: string | undefined
}

/** The inbox id: the first 16 bytes of SHA-256(`source#id`), as a UUID. */
export function inboxId({ source, id, part, principal }: InboxKey): string {
  const text = `${principal === undefined ? '' : `${principal}|`}${source}#${id}${part === undefined ? '' : `#${part}`}`
  const hex = createHash('sha256').update(text).digest('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`
}

/** Claims the ids, sorted; answers those nobody had claimed. A concurrent claim of the same id waits for this unit. */
export async function claimInbox(sql: Sql, consumer: string, ids: string[]): Promise<Set<string>> {
  const { rows } = await sql.query<{ id: string }>(
    `insert into inbox (consumer, id) select $1, id from unnest($2::uuid[]) id
     on conflict do nothing returning id`,
    [consumer, [...new Set(ids)].sort()],
  )
  return new Set(rows.map((row) => row.id))
}
