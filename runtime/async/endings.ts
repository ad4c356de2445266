import { randomUUID } from 'node:crypto'
import type { Database } from '#shared/state/database.ts'
import { insertDeadLetters } from '#shared/state/dead-letter.ts'
import type { Sql } from '#shared/state/sql.ts'
import { transaction } from '#shared/state/transaction.ts'
import { Refused } from '../gateway/problem.ts'
import type { ClaimedCall } from './calls.ts'

/** In the headers of a dead letter; no attribute of an event can have this name. */
const PATH = 'async-path'

/** What came of one attempt. */
export interface Ending {
  call: ClaimedCall
  /** `queued` = it is made again after `waitMs`. */
  state: 'done' | 'failed' | 'queued'
  waitMs: number
  /** Unknown where nobody was asked; then the attempt does not count. */
  httpStatus: number | undefined
}

/** What a callback brings. */
export interface News {
  url: string
  headers: Record<string, string>
  body: Buffer
}

/** Notes what came of calls, locked in order; answers of each whether it was still this claim's to end. */
export const endCalls = async (sql: Sql, endings: Ending[]): Promise<boolean[]> => {
  const { rows } = await sql.query<{ seq: string }>(
    `update async_call c set state = e.state, attempts = c.attempts + (e.status is not null)::int,
       http_status = coalesce(e.status, c.http_status), due_at = now() + e.wait * interval '1 ms',
       finished_at = case when e.state <> 'queued' then now() end, body = case when e.state = 'queued' then c.body end,
       headers = case when e.state = 'queued' then c.headers else '' end,
       path = case when e.state = 'queued' then c.path else '' end,
       callback_url = case when e.state = 'queued' then c.callback_url end
     from (select g.* from unnest($1::bigint[], $2::int[], $3::text[], $4::int[], $5::float8[])
             as g (seq, claim, state, status, wait) join async_call o on o.seq = g.seq and o.claim = g.claim
           where o.state = 'running' order by g.seq for update of o) e
     where c.seq = e.seq returning c.seq`,
    [
      endings.map(({ call }) => call.seq),
      endings.map(({ call }) => call.claim),
      endings.map(({ state }) => state),
      endings.map(({ httpStatus }) => httpStatus ?? null),
      endings.map(({ waitMs }) => waitMs),
    ],
  )
  const own = new Set(rows.map(({ seq }) => seq))
  return endings.map(({ call }) => own.has(call.seq))
}

/** A call that is over with somebody to tell: whom it calls back, or the operator by a dead letter. */
export interface LastEnding {
  call: ClaimedCall
  state: 'done' | 'failed'
  httpStatus: number
  news: News | undefined
  /** Why it failed for good. */
  letter: { errorClass: string; error: string } | undefined
}

/** Ends a call with its callback and its dead letter, all or none; false where it was no longer this claim's. */
export const endCallWithNews = (database: Database, ending: LastEnding): Promise<boolean> => {
  if (ending.letter === undefined) return end(database, ending, null)
  return transaction(database, async (sql) => {
    const id = randomUUID()
    const isOwn = await end(sql, ending, id)
    const { call, letter } = ending
    if (isOwn && letter)
      await insertDeadLetters(sql, [
        {
          ...{ id, consumer: call.function, eventId: call.callId, reason: 'attempts_exhausted', ...letter },
          ...{ attempts: call.attempts + 1, headers: { [PATH]: call.path.split('?')[0] as string }, body: call.body },
        },
      ])
    return isOwn
  })
}

const end = async (sql: Sql, { call, state, httpStatus, news }: LastEnding, letter: string | null) => {
  const { rows } = await sql.query(
    `with ended as (
       update async_call set state = $3, attempts = attempts + 1, http_status = $4, finished_at = now(), body = null,
         dead_letter = $5, headers = case when $5::uuid is null then '' else headers end,
         path = case when $5::uuid is null then '' else path end,
         callback_url = case when $5::uuid is null then null else callback_url end,
         callback = case when $6::text is not null then 'pending' end
       where seq = $1 and claim = $2 and state = 'running' returning seq),
     told as (insert into async_callback (seq, url, headers, body, due_at)
       select seq, $6, $7, $8, now() from ended where $6 is not null
       on conflict (seq) do update set url = excluded.url, headers = excluded.headers, body = excluded.body, attempts = 0,
         due_at = now())
     select seq from ended`,
    [
      ...[call.seq, call.claim, state, httpStatus, letter, news?.url ?? null],
      ...[JSON.stringify(news?.headers ?? {}), news?.body ?? Buffer.alloc(0)],
    ],
  )
  return rows.length === 1
}

/** Whether a dead letter is of a call that was left for later. */
export const isLeftCall = ({ headers }: { headers: Record<string, string> }): boolean => PATH in headers

/** Puts the call of a dead letter back into its queue, as it came; throws `Refused` where nothing is known of it. */
export const requeueCall = async (sql: Sql, { id, body }: { id: string; body: Buffer }): Promise<void> => {
  const { rowCount } = await sql.query(
    `update async_call set state = 'queued', attempts = 0, due_at = now(), finished_at = null, http_status = null,
       callback = null, dead_letter = null, body = $2
     where dead_letter = $1`,
    [id, body],
  )
  if (rowCount !== 1)
    throw new Refused({
      ...{ status: 409, title: 'Conflict', code: 'forgotten' },
      detail: 'what the call was asked with is no longer in async_call: make it anew',
    })
}
