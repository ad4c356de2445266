import type { Sql } from '#shared/state/sql.ts'

/** A callback that is this process's to make, until its lease ends. */
export interface ClaimedCallback {
  seq: string
  callId: string
  function: string
  url: string
  headers: Record<string, string>
  body: Buffer
  /** With this one. */
  attempts: number
}

/** Longer than one attempt may take. */
export const CALLBACK_LEASE_MS = 45_000

/** Takes callbacks that are due. */
export const claimCallbacks = async (sql: Sql, most: number): Promise<ClaimedCallback[]> => {
  const { rows } = await sql.query<Omit<ClaimedCallback, 'headers'> & { headers: string }>(
    `update async_callback b set attempts = b.attempts + 1, due_at = now() + $2::float8 * interval '1 ms'
     from (select seq from async_callback where due_at <= now() order by due_at limit $1 for update skip locked) t,
       async_call c
     where b.seq = t.seq and c.seq = t.seq
     returning b.seq, b.url, b.headers, b.body, b.attempts, c.call_id as "callId", c.function`,
    [most, CALLBACK_LEASE_MS],
  )
  return rows.map((row) => ({ ...row, headers: JSON.parse(row.headers) as Record<string, string> }))
}

/** Makes a callback once more after a while. */
export const postponeCallback = async (sql: Sql, seq: string, waitMs: number): Promise<void> => {
  await sql.query(`update async_callback set due_at = now() + $2::float8 * interval '1 ms' where seq = $1`, [
    seq,
    waitMs,
  ])
}

/** Gives back at once a callback that nobody was told, so that its attempt does not count. */
export const giveBackCallback = async (sql: Sql, seq: string): Promise<void> => {
  await sql.query('update async_callback set due_at = now(), attempts = attempts - 1 where seq = $1', [seq])
}

/** A callback was taken, or is given up. */
export const endCallback = async (sql: Sql, seq: string, result: 'delivered' | 'failed'): Promise<void> => {
  await sql.query(
    `with gone as (delete from async_callback where seq = $1 returning seq)
     update async_call c set callback = $2 from gone where c.seq = gone.seq`,
    [seq, result],
  )
}
