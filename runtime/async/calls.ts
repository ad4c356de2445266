import type { Sql } from '#shared/state/sql.ts'

/** A call as it is left to be made. */
export interface NewCall {
  callId: string
  /** The key of the function. */
  function: string
  /** With its query. */
  path: string
  /** A flat list of names and values. */
  headers: string[]
  body: Buffer
  callbackUrl: string | undefined
}

/** A call that is this process's to make, until its lease ends. */
export interface ClaimedCall extends NewCall {
  seq: string
  /** Fences: only who knows the newest one finishes the call. */
  claim: number
  attempts: number
  /** Nobody has its function any more. */
  forsaken: boolean
}

/** How far one function's queue is. */
export interface Depth {
  function: string
  pending: number
  /** Of the bodies of all that are open. */
  bytes: number
  /** Milliseconds until the first is due, or its lease ends; below 0 it is. */
  dueInMs: number
}

/** How long a call is its holder's without a sign of life. */
export const LEASE_MS = 45_000

/** Leaves calls to be made; they are durable when it resolves. */
export const insertCalls = async (sql: Sql, calls: NewCall[]): Promise<void> => {
  await sql.query(
    `insert into async_call (call_id, function, path, headers, body, size, callback_url)
     select c.id, c.function, c.path, c.headers, substring($7::bytea from c.at::int for c.size), c.size, c.url
     from (select g.*, sum(g.size) over (order by g.ord) - g.size + 1 as at
           from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::int[], $6::text[])
             with ordinality as g (id, function, path, headers, size, url, ord)) c`,
    [
      calls.map((call) => call.callId),
      calls.map((call) => call.function),
      calls.map((call) => call.path),
      calls.map((call) => JSON.stringify(call.headers)),
      calls.map((call) => call.body.length),
      calls.map((call) => call.callbackUrl ?? null),
      Buffer.concat(calls.map((call) => call.body)),
    ],
  )
}

interface ClaimedRow extends Omit<ClaimedCall, 'headers' | 'forsaken'> {
  headers: string
}

/** Takes calls that are due, so many of each function at most; what somebody else is taking is passed over. */
export const claimCalls = async (
  sql: Sql,
  holder: string,
  asks: { function: string; most: number; forsakenForMs: number | undefined }[],
): Promise<ClaimedCall[]> => {
  const { rows } = await sql.query<ClaimedRow>(
    `update async_call c set state = 'running', claim = claim + 1, holder = $3, started_at = now(),
       due_at = now() + $4::float8 * interval '1 ms'
     from (select t.seq from unnest($1::text[], $2::int[], $5::float8[]) as a (function, most, since) cross join lateral (
             select seq from async_call o where o.function = a.function and o.finished_at is null
               and o.due_at <= now() - a.since * interval '1 ms'
             order by o.due_at, o.seq limit a.most for update skip locked) t) taken
     where c.seq = taken.seq
     returning c.seq, c.claim, c.attempts, c.call_id as "callId", c.function, c.path, c.headers, c.body,
       c.callback_url as "callbackUrl"`,
    [
      ...[asks.map((ask) => ask.function), asks.map((ask) => ask.most), holder, LEASE_MS],
      asks.map(({ forsakenForMs = 0 }) => forsakenForMs),
    ],
  )
  const forsaken = new Set(asks.flatMap((ask) => (ask.forsakenForMs === undefined ? [] : [ask.function])))
  return rows
    .map((row) => ({
      ...{ ...row, headers: JSON.parse(row.headers) as string[], callbackUrl: row.callbackUrl ?? undefined },
      forsaken: forsaken.has(row.function),
    }))
    .sort((a, b) => Number(BigInt(a.seq) - BigInt(b.seq)))
}

/** Keeps calls for this process, locked in order; answers of each whether it is still its own. */
export const renewCalls = async (sql: Sql, held: { seq: string; claim: number }[]): Promise<boolean[]> => {
  const { rows } = await sql.query<{ seq: string; claim: number }>(
    `update async_call c set due_at = now() + $3::float8 * interval '1 ms'
     from (select h.* from unnest($1::bigint[], $2::int[]) as h (seq, claim)
             join async_call o on o.seq = h.seq and o.claim = h.claim
           where o.state = 'running' order by h.seq for update of o) h
     where c.seq = h.seq returning c.seq, c.claim`,
    [held.map(({ seq }) => seq), held.map(({ claim }) => claim), LEASE_MS],
  )
  const own = new Set(rows.map(({ seq, claim }) => `${seq}/${claim}`))
  return held.map(({ seq, claim }) => own.has(`${seq}/${claim}`))
}

/** Makes due at once what an earlier life of this holder was at. */
export const takeBackCalls = async (sql: Sql, holder: string): Promise<void> => {
  await sql.query(
    `update async_call set state = 'queued', due_at = now() where holder = $1 and state = 'running' and finished_at is null`,
    [holder],
  )
}

/** The queue of each function that has calls to be made. */
export const lookAtQueues = async (sql: Sql): Promise<{ queues: Depth[]; callbackDueInMs: number | undefined }> => {
  const { rows } = await sql.query<Omit<Depth, 'function'> & { function: string | null; dueInMs: number | null }>(
    `select function, count(*) filter (where state = 'queued')::int as pending, sum(size)::float8 as bytes,
       extract(epoch from min(due_at) - now())::float8 * 1000 as "dueInMs"
     from async_call where finished_at is null group by function
     union all select null, 0, 0, extract(epoch from min(due_at) - now())::float8 * 1000 from async_callback`,
  )
  const callbacks = rows.find((row) => row.function === null)
  return {
    queues: rows.filter((row): row is Depth => row.function !== null),
    callbackDueInMs: callbacks?.dueInMs ?? undefined,
  }
}

const PURGED_AFTER = '1 day'
const CHUNK = 10_000

/** Forgets calls that were finished a day ago, but none that an open dead letter is of; answers whether there are more. */
export const purgeCalls = async (sql: Sql): Promise<boolean> => {
  const { rowCount } = await sql.query(
    `delete from async_call where seq in (
       select seq from async_call c where finished_at < now() - interval '${PURGED_AFTER}'
         and not exists (select from dead_letter d where d.id = c.dead_letter and d.resolution is null)
         and not exists (select from async_callback b where b.seq = c.seq)
       order by finished_at limit ${CHUNK})`,
  )
  return rowCount === CHUNK
}
