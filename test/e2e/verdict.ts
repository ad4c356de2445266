import type { Database } from '#shared/state/database.ts'
import { type ExpectedState, expectedStates, type OracleNetwork, type OracleReading } from './oracle.ts'

/** What the run left behind, counted. */
export interface Verdict {
  states: number
  wrongStates: string[]
  lost: number
  dup: number
  forged: number
  redeliveries: number
  deadLetters: number
  wrongDeadLetters: string[]
}

/** What must be there in the end. */
export interface Expectation {
  accepted: OracleReading[]
  ledger: Set<string>
  malformedOnLog: Set<string>
  consumers: string[]
  network: OracleNetwork
  cityNow: Date
  windowMs: number
  lateAfterMs: number
}

/** Holds states, dead letters and counted effects against the oracle and the ledger. */
export async function judge(database: Database, expected: Expectation): Promise<Verdict> {
  const states = expectedStates(expected.accepted, expected.network, {
    cityNow: expected.cityNow.getTime(),
    windowMs: expected.windowMs,
    lateAfterMs: expected.lateAfterMs,
  })
  return {
    states: states.length,
    wrongStates: compareStates(states, await storedStates(database)),
    ...(await countEffects(database, expected)),
    ...(await compareDeadLetters(database, expected)),
  }
}

async function storedStates(database: Database): Promise<ExpectedState[]> {
  const { rows } = await database.query<ExpectedState & { start: Date; observed: Date | null }>(
    `select segment, "window" as start, n, level, speed as "speedKmh", free_flow_kmh as "freeFlowKmh",
       ratio, confidence, observed_at as observed
     from window_state order by segment, "window"`,
  )
  return rows.map(({ start, observed, ...row }) => ({
    ...row,
    windowStart: start.toISOString(),
    observedAt: observed?.toISOString() ?? null,
  }))
}

function compareStates(expected: ExpectedState[], stored: ExpectedState[]): string[] {
  const key = ({ segment, windowStart }: ExpectedState) => `${segment} ${windowStart}`
  const text = (state: ExpectedState | undefined) =>
    state ? JSON.stringify(state, Object.keys(state).sort()) : 'no state'
  const have = new Map(stored.map((state) => [key(state), text(state)]))
  const faults = expected.flatMap((state) => {
    const found = have.get(key(state))
    have.delete(key(state))
    return found === text(state) ? [] : [`${key(state)}: expected ${text(state)}, found ${found ?? 'none'}`]
  })
  return [...faults, ...[...have].map(([name, state]) => `${name}: expected no state, found ${state}`)]
}

async function countEffects(database: Database, { ledger, malformedOnLog }: Expectation) {
  const { rows: dup } = await database.query<{ n: number }>(
    'select coalesce(sum(n - 1), 0)::int as n from (select count(*) as n from counted group by topic, partition, "offset") c',
  )
  const { rows: log } = await database.query<{ n: number }>(
    `select count(*)::int as n from log l where topic = 'readings'
       and not exists (select 1 from counted c where c.partition = l.partition and c."offset" = l."offset")
       and not exists (select 1 from dead_letter d where d.consumer = 'counting' and d.partition = l.partition and d."offset" = l."offset")`,
  )
  const { rows: ids } = await database.query<{ id: string }>('select distinct id from counted')
  const counted = new Set(ids.map(({ id }) => id))
  const missing = [...ledger].filter((id) => !counted.has(id)).length
  const { rows: redelivered } = await database.query<{ n: number }>('select count(*)::int as n from redelivered')
  return {
    lost: missing + (log[0]?.n ?? 0),
    dup: dup[0]?.n ?? 0,
    forged: ids.filter(({ id }) => !ledger.has(id) || malformedOnLog.has(id)).length,
    redeliveries: redelivered[0]?.n ?? 0,
  }
}

async function compareDeadLetters(database: Database, { malformedOnLog, consumers }: Expectation) {
  const { rows } = await database.query<{ name: string }>(`select consumer || ' ' || event_id as name from dead_letter`)
  const expected = new Set(consumers.flatMap((consumer) => [...malformedOnLog].map((id) => `${consumer} ${id}`)))
  const found = new Map<string, number>()
  for (const { name } of rows) found.set(name, (found.get(name) ?? 0) + 1)
  return {
    deadLetters: rows.length,
    wrongDeadLetters: [
      ...[...expected].filter((name) => !found.has(name)).map((name) => `${name}: missing`),
      ...[...found].filter(([name, n]) => !expected.has(name) || n > 1).map(([name, n]) => `${name}: ${n} times`),
    ],
  }
}
