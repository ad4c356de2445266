import type { Database } from '#shared/state/database.ts'
import { until } from '#test/e2e/runtime.ts'
import type { ConnectorPart } from './connector.ts'
import type { Generator } from './generator.ts'

/** What can be seen of a city while it works. */
export interface Look {
  /** Effects so far. */
  effects(): Promise<number>
  /** Resolves at the first effect later than that (ms). */
  effectAfter(ms: number): Promise<void>
  deadLetters(): Promise<number>
  /** Slices that were refused for their position had moved. */
  refused(): Promise<number>
  /** Calls in flight of all connectors. */
  inFlight(): Promise<number>
  /** From durable to effect, by id, of the effects from `since` on (ms). */
  delays(since?: number): Promise<Map<string, number>>
}

/** Where to look. */
export interface LookGround {
  retried<T>(work: (database: Database) => Promise<T>): Promise<T>
  connectors: ConnectorPart[]
  generator: Generator
}

/** Looks at a city. */
export function openLook({ retried, connectors, generator }: LookGround): Look {
  const number = (sql: string, values: unknown[] = []) =>
    retried(async (database) => (await database.query<{ n: number }>(sql, values)).rows[0]?.n ?? 0)
  return {
    effects: () => number('select count(*)::int as n from counted'),
    effectAfter: (ms) =>
      until('there is a new effect', async () => {
        return (await number('select count(*)::int as n from counted where at > $1', [new Date(ms)])) > 0
      }),
    deadLetters: () => number('select count(*)::int as n from dead_letter'),
    refused: () => number('select count(*)::int as n from redelivered'),
    async inFlight() {
      const all = await Promise.all(connectors.map((connector) => connector.status()))
      return all.reduce((sum, status) => sum + (status?.consumers[0]?.inFlight ?? 0), 0)
    },
    async delays(since = 0) {
      const { rows } = await retried((database) =>
        database.query<{ id: string; at: Date }>('select id, at from counted where at >= $1', [new Date(since)]),
      )
      return new Map(rows.map(({ id, at }) => [id, at.getTime() - (generator.ackedAt.get(id) ?? Number.NaN)]))
    },
  }
}
