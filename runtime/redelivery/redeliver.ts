import type { Bus } from '#shared/bus/port.ts'
import type { Redelivery, RedeliveryRequest } from '#shared/contracts/redelivery.ts'
import type { Database } from '#shared/state/database.ts'
import type { Sql } from '#shared/state/sql.ts'
import { transaction } from '#shared/state/transaction.ts'
import { type Move, planMove, RedeliveryRefused, type Standing } from './plan.ts'

/** Where positions and the logs they are of lie; a relay reads another log than the functions. */
export interface RedeliveryTools {
  database: Database
  buses: Bus[]
}

/**
 * Sets the positions of a consumer in a topic, all of them or none, while connectors run: a call under way for the old
 * position then changes nothing. Throws `RedeliveryRefused`.
 */
export async function redeliver(tools: RedeliveryTools, request: RedeliveryRequest): Promise<Redelivery> {
  const { topic, consumer, dryRun } = request
  const { bus, log } = await logOf(tools, request)
  const stored = await positions(tools.database, request, log, '')
  if (stored.length === 0) throw new RedeliveryRefused(`${consumer} has no partition ${request.partition} of ${topic}`)
  const targets = await retained(
    bus,
    request,
    stored.map(({ partition }) => partition),
  )
  const moves = await transaction(tools.database, async (sql) => {
    // Whoever claims one of them meanwhile waits, and then finds that it moved.
    const now = await positions(sql, request, log, 'for update')
    // One that a connector made in between begins where it begins.
    const known = now.filter(({ partition }) => targets.has(partition))
    const planned = known.map(({ partition, next }) => {
      const { target, ...place } = targets.get(partition) as Target
      return planMove(`${topic}/${partition}`, { ...place, partition, position: BigInt(next) }, target, request.forward)
    })
    if (!dryRun) await move(sql, request, log, planned)
    return planned
  })
  return {
    ...{ topic, consumer, dryRun },
    partitions: moves.map(({ partition, was, now, again, skipped }) => ({
      ...{ partition, was: String(was), now: String(now), again: String(again), skipped: String(skipped) },
    })),
  }
}

type Target = Pick<Standing, 'earliest' | 'end'> & { target: bigint }

async function logOf({ database, buses }: RedeliveryTools, { topic, consumer }: RedeliveryRequest) {
  const { rows } = await database.query<{ consumer: string; log: string }>(
    'select distinct consumer, log from position where topic = $1 order by consumer',
    [topic],
  )
  for (const bus of buses) {
    const log = await bus.logOf(topic)
    if (rows.some((row) => row.consumer === consumer && row.log === log)) return { bus, log }
  }
  const known = [...new Set(rows.map((row) => row.consumer))].join(', ')
  throw new RedeliveryRefused(
    known === ''
      ? `nobody has a position in a topic ${topic.slice(0, 64)}`
      : `${consumer.slice(0, 64)} has no position in ${topic}: its consumers are ${known}`,
  )
}

async function positions(
  sql: Sql,
  { consumer, topic, partition }: RedeliveryRequest,
  log: string,
  lock: '' | 'for update',
) {
  const { rows } = await sql.query<{ partition: number; next: string }>(
    `select partition, next from position
     where consumer = $1 and topic = $2 and log = $3 and ($4::int is null or partition = $4) order by partition ${lock}`,
    [consumer, topic, log, partition ?? null],
  )
  return rows
}

async function retained(
  bus: Bus,
  { topic, from }: RedeliveryRequest,
  partitions: number[],
): Promise<Map<number, Target>> {
  const ends = await bus.ends([topic])
  return new Map(
    await Promise.all(
      partitions.map(async (partition): Promise<[number, Target]> => {
        const end = ends.find((one) => one.partition === partition)?.end
        if (end === undefined) throw new RedeliveryRefused(`${topic} has no partition ${partition} any more`)
        const earliest = await bus.earliest(topic, partition)
        return [partition, { earliest, end, target: await targetOf(bus, { topic, partition, from, earliest, end }) }]
      }),
    ),
  )
}

async function targetOf(
  bus: Bus,
  {
    topic,
    partition,
    from,
    earliest,
    end,
  }: { topic: string; partition: number; from: string; earliest: bigint; end: bigint },
): Promise<bigint> {
  if (from === 'earliest') return earliest
  if (from === 'latest') return end
  if (/^\d+$/.test(from)) return BigInt(from)
  const at = await bus.offsetAt(topic, partition, new Date(from))
  return at < earliest ? earliest : at
}

async function move(sql: Sql, { consumer, topic }: RedeliveryRequest, log: string, moves: Move[]): Promise<void> {
  const moved = moves.filter(({ was, now }) => was !== now)
  const values = [consumer, log, topic, moved.map(({ partition }) => partition)]
  await sql.query('delete from attempt where consumer = $1 and log = $2 and topic = $3 and partition = any($4)', values)
  await sql.query(
    `update position p set next = m.next, next_day = '-infinity' from unnest($4::int[], $5::bigint[]) m (partition, next)
     where p.consumer = $1 and p.log = $2 and p.topic = $3 and p.partition = m.partition`,
    [...values, moved.map(({ now }) => String(now))],
  )
}
