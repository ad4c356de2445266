import type { PartitionEnd } from '#shared/bus/port.ts'
import type { ConnectorStatus, FunctionStatus, RuntimeStatus, TopicStatus } from '#shared/contracts/runtime-status.ts'
import { type TopicName, topics } from '#shared/contracts/topics.ts'
import type { Sql } from '#shared/state/sql.ts'
import { readForecasts } from './forecasts.ts'

/** What a status is gathered from. */
export interface StatusSources {
  startedAt: Date
  clock: { kind: 'real' | 'database'; speed: number; now(): Promise<Date> }
  functions(): FunctionStatus[]
  connector(): ConnectorStatus
  /** The bus in use, in a few words. */
  bus: string
  ends(): Promise<PartitionEnd[]>
  sql: Sql
}

const iso = (at: Date): string => at.toISOString()

/** Gathers the status; rejects while the database is down. */
export const gatherStatus = async (from: StatusSources): Promise<RuntimeStatus> => {
  const [now, ends, letters, alarms] = await Promise.all([
    from.clock.now(),
    from.ends(),
    from.sql.query<{ consumer: string; open: number; oldest: Date }>(
      `select consumer, count(*)::int as open, min(first_seen) as oldest from dead_letter where resolution is null
       group by consumer order by consumer`,
    ),
    from.sql.query<{ consumer: string; next: Date; count: number }>(
      'select consumer, min(at) as next, count(*)::int as count from alarm group by consumer order by consumer',
    ),
  ])
  const forecasts = await readForecasts(from.sql, now)
  const connector = from.connector()
  return {
    pid: process.pid,
    startedAt: iso(from.startedAt),
    clock: { kind: from.clock.kind, now: iso(now), speed: from.clock.speed },
    bus: from.bus,
    functions: from.functions(),
    topics: Object.keys(topics).map((topic) => ({
      topic,
      partitions: topics[topic as TopicName].partitions,
      events: eventsIn(
        from.bus,
        ends.filter((end) => end.topic === topic),
      ).toString(),
      ...furthestBehind(topic, connector),
    })),
    connector,
    deadLetters: letters.rows.map((row) => ({ ...row, oldest: iso(row.oldest) })),
    alarms: alarms.rows.map((row) => ({ ...row, next: iso(row.next) })),
    ...(forecasts && { forecasts }),
  }
}

/** Partitions count for themselves, but for those of a NATS stream, which go on counting each other's events from 1. */
const eventsIn = (bus: string, ends: PartitionEnd[]): bigint =>
  bus.startsWith('nats')
    ? ends.reduce((most, { end }) => (end - 1n > most ? end - 1n : most), 0n)
    : ends.reduce((sum, { end }) => sum + end, 0n)

const furthestBehind = (topic: string, { consumers }: ConnectorStatus): Pick<TopicStatus, 'lag' | 'oldestAgeMs'> => {
  const read = consumers.map(({ partitions }) => partitions.filter((partition) => partition.topic === topic))
  return {
    lag: Math.max(0, ...read.map((partitions) => partitions.reduce((sum, { lag }) => sum + lag, 0))),
    oldestAgeMs: Math.max(0, ...read.flat().map(({ oldestAgeMs }) => oldestAgeMs)),
  }
}
