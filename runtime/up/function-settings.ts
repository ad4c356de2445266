import type { StackFunction } from '../stack/types.ts'
import { durationOf } from '../watchdog/settings.ts'

/** PostgreSQL connections of one replica: functions called by the connector have fewer calls at a time. */
const EVENT_POOL = 2
const HTTP_POOL = 4
/** Connector, clock and status, and a few for the command line and for PostgreSQL itself. */
const OTHER_CONNECTIONS = 20

const isCalledWithEvents = ({ wiring }: StackFunction): boolean =>
  wiring.topics.length > 0 || wiring.schedule !== undefined

const poolOf = (definition: StackFunction): number => {
  if (definition.program.kind === 'process') return 0
  return Number(definition.environment.DATABASE_POOL) || (isCalledWithEvents(definition) ? EVENT_POOL : HTTP_POOL)
}

/** The PostgreSQL connections all replicas of a function may have. */
export const connectionsFor = (definition: StackFunction): number => definition.scale.max * poolOf(definition)

/** The sum of all pools, for PostgreSQL's `max_connections`. */
export const connectionsOf = (functions: StackFunction[]): number =>
  functions.reduce((sum, definition) => sum + connectionsFor(definition), OTHER_CONNECTIONS)

/** Event calls one replica can work on at a time. */
export const eventCallsOf = (definition: StackFunction): number => Math.max(1, poolOf(definition))

/** The deadline of a function's calls: its own, or that of all. */
export const execTimeoutOf = (definition: StackFunction, ofAll: number): number => {
  const own = definition.environment.exec_timeout
  return own === undefined ? ofAll : durationOf(own)
}

/** What all functions share of their environment. */
export interface SharedSettings {
  settings: Record<string, string>
  databaseUrl: string
  secrets: string
  clock: 'real' | 'database'
  version: string
}

/** The environment of a function, beside its PORT and what stack.yml gives it. */
export const environmentOf =
  ({ settings, databaseUrl, secrets, clock, version }: SharedSettings) =>
  (definition: StackFunction): Record<string, string> => ({
    FUNCTION_NAME: definition.name,
    FUNCTION_VERSION: version,
    ...settings,
    NODE_ENV: 'production',
    DATABASE_URL: databaseUrl,
    DATABASE_POOL: String(poolOf(definition)),
    SECRETS_DIR: secrets,
    CITY_CLOCK: clock,
  })
