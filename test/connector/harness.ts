import { pino } from 'pino'
import { Registry } from 'prom-client'
import { type Connector, startConnector } from '#runtime/connector/connector.ts'
import type { FunctionSpec, Invoke, InvokeAnswer, InvokeRequest, Time } from '#runtime/connector/types.ts'
import { type Leases, openLeases } from '#shared/bus/lease.ts'
import type { Bus } from '#shared/bus/port.ts'
import { postgresBus } from '#shared/bus/postgres.ts'
import type { Clock } from '#shared/clock.ts'
import type { Database } from '#shared/state/database.ts'
import { transaction } from '#shared/state/transaction.ts'
import { freshDatabase } from '#test/postgres.ts'

/** What one call asked of the function. */
export interface SeenCall {
  first: string
  next: string
  ids: string[]
  headers: Record<string, string>
}

/** A database, a bus, and connectors on them that end with it. */
export interface Bench {
  database: Database
  registry: Registry
  lines: Record<string, unknown>[]
  /** Each connector is one more place: they share what there is to do. */
  start(
    specs: FunctionSpec[],
    invoke: Invoke,
    more?: {
      time?: Time
      clock?: Clock
      inFlight?: number
      leases?: Leases
      bus?: Bus
      relays?: boolean
      lastTick?: Date
    },
  ): Connector
  /** Appends events `<name>-0`, `<name>-1` … to one partition. */
  append(topic: string, ids: string[], options?: { partition?: number; data?: string }): Promise<void>
  position(consumer: string, topic: string, partition?: number): Promise<string | undefined>
  /** PostgreSQL takes no change of this table until the answer is called. */
  refuse(table: 'position' | 'schedule'): Promise<() => Promise<unknown>>
  deadLetters(): Promise<{ event_id: string; reason: string; attempts: number; error_class: string; body: Buffer }[]>
  end(): Promise<void>
}

export async function openBench(): Promise<Bench> {
  const test = await freshDatabase()
  const { database } = test
  const bus = postgresBus(database)
  const registry = new Registry()
  const lines: Record<string, unknown>[] = []
  const log = pino({ level: 'debug' }, { write: (line: string) => void lines.push(JSON.parse(line)) })
  const running: Connector[] = []
  return {
    database,
    registry,
    lines,
    start(
      functions,
      invoke,
      {
        time = fastTime(20),
        clock = { now: async () => new Date() },
        inFlight = 8,
        leases = openLeases(database, { holder: `connector-${running.length}`, expiryMs: 60_000, lookMs: 20 }),
        bus = postgresBus(database, leases),
        relays = false,
        lastTick,
      } = {},
    ) {
      const connector = startConnector({
        bus,
        ...(lastTick && { lastTick }),
        ...(relays && { relayed: postgresBus(database, leases) }),
        database,
        leases,
        clock,
        functions,
        invoke,
        token: 'the-connector-key',
        log,
        metrics: running.length === 0 ? registry : new Registry(),
        maxInFlight: () => inFlight,
        time,
      })
      running.push(connector)
      return connector
    },
    append: (topic, ids, { partition = 0, data = '{"n":1}' } = {}) =>
      bus.append(
        ids.map((id) => ({
          topic,
          partition,
          key: `key-${id}`,
          id,
          type: 'city.junction.test.v1',
          attributes: { source: '/test', traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' },
          data: Buffer.from(data),
        })),
      ),
    async position(consumer, topic, partition = 0) {
      const { rows } = await database.query<{ next: string }>(
        'select next from position where consumer = $1 and topic = $2 and partition = $3',
        [consumer, topic, partition],
      )
      return rows[0]?.next
    },
    async refuse(table) {
      await database.query(
        `create function refuse() returns trigger language plpgsql as $$ begin raise exception 'not now'; end $$`,
      )
      await database.query(`create trigger refuse before update on ${table} execute function refuse()`)
      return () => database.query('drop function refuse cascade')
    },
    async deadLetters() {
      const { rows } = await database.query<Awaited<ReturnType<Bench['deadLetters']>>[number]>(
        'select event_id, reason, attempts, error_class, body from dead_letter order by "offset"',
      )
      return rows
    },
    async end() {
      await Promise.all(running.map((connector) => connector.stop()))
      await test.drop()
    },
  }
}

/** A function of Junction's, as far as delivery goes. */
export const consumer = (name: string, more: Partial<FunctionSpec> = {}): FunctionSpec => ({
  name,
  topics: ['readings.late'],
  foreignTopic: undefined,
  schedule: undefined,
  foreignSchedule: false,
  batch: 10,
  lingerMs: 0,
  from: 'earliest',
  execTimeoutMs: 10_000,
  ...more,
})

/** The shortest time after which the connector gives something up; what it only waits for between two looks is shorter. */
const SHORTEST_LIMIT_MS = 15_000

/**
 * Time that passes `speed` times as fast, with the middle of every jitter; `advance` skips some of it. What limits a call or
 * a look stays as it is unless `limits` are part of it: a slow machine would reach them.
 */
export function fastTime(speed: number, { limits = false } = {}): Time & { advance(ms: number): void } {
  let skipped = 0
  return {
    now: () => performance.now() * speed + skipped,
    random: () => 0.5,
    advance: (ms) => {
      skipped += ms
    },
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) return resolve()
        const done = () => {
          clearTimeout(timer)
          signal?.removeEventListener('abort', done)
          resolve()
        }
        const timer = setTimeout(done, !limits && ms >= SHORTEST_LIMIT_MS ? ms : ms / speed)
        signal?.addEventListener('abort', done)
      }),
  }
}

/** Waits until the condition holds; fails with what is known after 20 s. */
export async function until(condition: () => boolean | Promise<boolean>, what = 'the condition'): Promise<void> {
  const deadline = Date.now() + 20_000
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`${what} did not come true within 20 s`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

/** Waits until the connector has tried so often what PostgreSQL refused. */
export const refused = ({ lines }: Bench, times: number): Promise<void> =>
  until(() => lines.filter(({ err }) => /not now/.test(JSON.stringify(err ?? ''))).length >= times, 'a refusal')

/** An answer of the function itself. */
export const answer = (status: number, body: unknown, headers: Record<string, string> = {}): InvokeAnswer => ({
  status,
  headers,
  body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
  via: 'function',
})

/** An answer the gateway made. */
export const platform = (status: number, body: unknown = ''): InvokeAnswer => ({
  ...answer(status, body),
  via: 'platform',
})

/** What a slice call said. */
export function readCall({ headers, body }: InvokeRequest): SeenCall {
  const parsed: { id: string }[] = JSON.parse(body.toString())
  return {
    first: headers['junction-first'] ?? '',
    next: headers['junction-next'] ?? '',
    ids: parsed.map((event) => event.id),
    headers,
  }
}

/** Moves a position as a function's unit of work would, and answers accordingly. */
export async function finish(
  database: Database,
  name: string,
  { headers }: InvokeRequest,
  next = headers['junction-next'] ?? '',
  log = 'postgres',
): Promise<InvokeAnswer> {
  try {
    await transaction(database, (sql) =>
      sql.query('select position_claim($1, $2, $3, $4, $5, $6)', [
        name,
        log,
        headers['junction-topic'],
        headers['junction-partition'],
        headers['junction-first'],
        next,
      ]),
    )
    return answer(200, { next })
  } catch (error) {
    if ((error as { code?: string }).code === 'JN001') return answer(200, { next: '0', moved: true })
    throw error
  }
}
