import { parseDuration } from '#shared/contracts/duration.ts'
import type { StackFunction } from '../stack/types.ts'

/** PostgreSQL connections of one replica: functions called by the connector have fewer calls at a time. */
const EVENT_POOL = 2
const HTTP_POOL = 4
/** Connector, clock and status, and a few for the command line and for PostgreSQL itself. */
const OTHER_CONNECTIONS = 20

const isCalledWithEvents = ({ wiring }: StackFunction): boolean =>
  wiring.topics.length > 0 || wiring.schedule !== undefined

const poolOf = (definition: StackFunction): number =>
  Number(definition.environment.DATABASE_POOL) || (isCalledWithEvents(definition) ? EVENT_POOL : HTTP_POOL)

/** The sum of all pools, for PostgreSQL's `max_connections`. */
export const connectionsOf = (functions: StackFunction[]): number =>
  functions.reduce((sum, definition) => sum + definition.scale.max * poolOf(definition), OTHER_CONNECTIONS)

/** Event calls one replica can work on at a time. */
export const eventCallsOf = poolOf

/** The deadline of a function's calls: its own, or that of all. */
export const execTimeoutOf = (definition: StackFunction, ofAll: number): number => {
  const own = definition.environment.exec_timeout
  return own === undefined ? ofAll : parseDuration(own)
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
