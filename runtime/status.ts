import type { Bus } from '#shared/bus/port.ts'
import { type TopicName, topics } from '#shared/contracts/topics.ts'
import type { Sql } from '#shared/state/sql.ts'
import type { ConnectorStatus } from './connector/status.ts'

/** One function as the replicas stand. */
export interface FunctionStatus {
  name: string
  state: string
  replicas: number
  inFlight: number
  /** Calls that wait for a replica. */
  waiting: number
}

/** `GET /system/junction/status`: how the whole runtime stands. */
export interface RuntimeStatus {
  pid: number
  startedAt: string
  /** City time. */
  clock: { kind: 'real' | 'database'; now: string; speed: number }
  functions: FunctionStatus[]
  /** Events ever appended, by topic. */
  topics: { topic: string; partitions: number; events: string }[]
  connector: ConnectorStatus
  /** Open ones, and since when. */
  deadLetters: { consumer: string; open: number; oldest: string }[]
  /** City time of the next alarm of each consumer. */
  alarms: { consumer: string; next: string; count: number }[]
}

/** What a status is gathered from. */
export interface StatusSources {
  startedAt: Date
  clock: { kind: 'real' | 'database'; speed: number; now(): Promise<Date> }
  functions(): FunctionStatus[]
  connector(): ConnectorStatus
  bus: Bus
  sql: Sql
}

const iso = (at: Date): string => at.toISOString()

/** Gathers the status; rejects while the database is down. */
export const gatherStatus = async (from: StatusSources): Promise<RuntimeStatus> => {
  const [now, ends, letters, alarms] = await Promise.all([
    from.clock.now(),
    from.bus.ends(Object.keys(topics)),
    from.sql.query<{ consumer: string; open: number; oldest: Date }>(
      `select consumer, count(*)::int as open, min(first_seen) as oldest from dead_letter where resolution is null
       group by consumer order by consumer`,
    ),
    from.sql.query<{ consumer: string; next: Date; count: number }>(
      'select consumer, min(at) as next, count(*)::int as count from alarm group by consumer order by consumer',
    ),
  ])
  return {
    pid: process.pid,
    startedAt: iso(from.startedAt),
    clock: { kind: from.clock.kind, now: iso(now), speed: from.clock.speed },
    functions: from.functions(),
    topics: Object.keys(topics).map((topic) => ({
      topic,
      partitions: topics[topic as TopicName].partitions,
      events: ends.reduce((sum, { topic: of, end }) => (of === topic ? sum + end : sum), 0n).toString(),
    })),
    connector: from.connector(),
    deadLetters: letters.rows.map((row) => ({ ...row, oldest: iso(row.oldest) })),
    alarms: alarms.rows.map((row) => ({ ...row, next: iso(row.next) })),
  }
}
