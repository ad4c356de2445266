import type { Bus } from '#shared/bus/port.ts'
import type { Database } from '#shared/state/database.ts'
import type { Counts } from '../row.ts'

const CONSUMER = 'counting'
const TOPIC = 'readings'

interface Effect {
  id: string
  n: number
  places: number
}

/** Holds effects and open dead letters against the ledger; `once` counts an id's second effect under any offset. */
export async function tally(database: Database, bus: Bus, ledger: Set<string>, once: boolean): Promise<Counts> {
  const { rows: effects } = await database.query<Effect>(
    'select id, count(*)::int as n, count(distinct (topic, partition, "offset"))::int as places from counted group by id',
  )
  const { rows: letters } = await database.query<{ id: string }>(
    'select distinct event_id as id from dead_letter where consumer = $1 and resolution is null',
    [CONSUMER],
  )
  const done = new Set(effects.map(({ id }) => id))
  const dead = new Set(letters.map(({ id }) => id))
  const sum = (of: (effect: Effect) => number) => effects.reduce((total, effect) => total + of(effect), 0)
  return {
    lost: [...ledger].filter((id) => !done.has(id) && !dead.has(id)).length,
    dup: sum(({ n, places }) => n - (once ? 1 : places)),
    forged: [...done, ...dead].filter((id) => !ledger.has(id)).length,
    both: [...dead].filter((id) => done.has(id)).length,
    atEnds: (await lag(database, bus)) === 0,
  }
}

/** How far the counting function is behind: events between its positions and the ends. */
export async function lag(database: Database, bus: Bus): Promise<number> {
  const log = await bus.logOf(TOPIC)
  const { rows } = await database.query<{ partition: number; next: string }>(
    'select partition, next from position where consumer = $1 and log = $2 and topic = $3',
    [CONSUMER, log, TOPIC],
  )
  const next = new Map(rows.map((row) => [row.partition, BigInt(row.next)]))
  let behind = 0
  for (const { partition, end } of await bus.ends([TOPIC])) {
    behind += Number(end - (next.get(partition) ?? (await bus.earliest(TOPIC, partition))))
  }
  return behind
}
