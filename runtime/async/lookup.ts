import type { Sql } from '#shared/state/sql.ts'

/** What `GET /_local/invocations/{id}` tells of a call. */
export interface InvocationStatus {
  callId: string
  function: string
  status: 'queued' | 'running' | 'done' | 'failed' | 'cancelled'
  /** Those that came to an end. */
  attempts: number
  /** Of the newest attempt; 503 where the function could not be reached. */
  httpStatus?: number
  queuedAt: Date
  /** When the newest attempt began. */
  startedAt?: Date
  /** When it is made again. */
  nextAttemptAt?: Date
  finishedAt?: Date
  callback?: 'pending' | 'delivered' | 'failed'
  /** Of the dead letter it became. */
  deadLetter?: string
}

type Row = { [Name in keyof InvocationStatus]-?: InvocationStatus[Name] | null }

/** The newest call of this id, undefined where there is none that is remembered. */
export const findInvocation = async (sql: Sql, callId: string): Promise<InvocationStatus | undefined> => {
  const { rows } = await sql.query<Row>(
    `select call_id as "callId", function, state as status, attempts, http_status as "httpStatus",
       queued_at as "queuedAt", started_at as "startedAt",
       case when state = 'queued' and attempts > 0 then due_at end as "nextAttemptAt",
       finished_at as "finishedAt", callback, dead_letter as "deadLetter"
     from async_call where call_id = $1 order by seq desc limit 1`,
    [callId],
  )
  const row = rows[0]
  return (
    row &&
    (Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)) as unknown as InvocationStatus)
  )
}

/** Ends all calls of this id that are not finished; answers which they were. */
export const cancelCalls = async (sql: Sql, callId: string): Promise<string[]> => {
  const { rows } = await sql.query<{ seq: string }>(
    `update async_call set state = 'cancelled', claim = claim + 1, finished_at = now(), body = null, headers = '', path = '',
       callback_url = null
     where call_id = $1 and finished_at is null returning seq`,
    [callId],
  )
  return rows.map(({ seq }) => seq)
}
