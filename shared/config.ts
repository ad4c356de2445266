import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { readBusUrl } from './bus/url.ts'
import { ConfigurationError } from './configuration-error.ts'
import { parseDuration, parseTimeout } from './contracts/duration.ts'
import { readMappings } from './contracts/mapping.ts'

const duration = (text: string, what: string, least = '0', most = '3650d', parse = parseDuration) =>
  z
    .string()
    .default(text)
    .transform((value, context) => {
      try {
        const ms = parse(value)
        if (ms >= parseDuration(least) && ms <= parseDuration(most)) return ms
        context.addIssue({ code: 'custom', message: `it must be between ${least} and ${most}` })
      } catch (error) {
        context.addIssue({ code: 'custom', message: (error as Error).message })
      }
      return z.NEVER
    })
    .describe(what)

const isTimeZone = (name: string): boolean => {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}

const authModeFault = (input: unknown): string =>
  input === undefined || input === ''
    ? 'AUTH_MODE is not set, and nothing starts open by accident: AUTH_MODE=keys asks callers for keys, AUTH_MODE=dev lets in whoever is on this machine (loopback only); set one of them in the environment, as in AUTH_MODE=keys bin/junction up'
    : 'it must be keys or dev'

const count = (value: number, what: string) => z.coerce.number().int().positive().default(value).describe(what)

/** Every setting of a function, from its environment: the source of docs/configuration.md. */
export const Environment = z.object({
  PORT: z.string().default('8080').describe('TCP port, or the absolute path of a Unix socket, to listen on'),
  HOST: z.string().default('0.0.0.0').describe('Address to listen on, when PORT is a TCP port'),
  DATABASE_URL: z.string().describe('PostgreSQL, without a password: `postgres://user@host/database`'),
  BUS_URL: z
    .string()
    .default('postgres://')
    .superRefine((value, context) => {
      try {
        readBusUrl(value)
      } catch (error) {
        context.addIssue({ code: 'custom', message: (error as Error).message })
      }
    })
    .describe(
      'The log: `postgres://` is the database of DATABASE_URL; `kafka://h1:9092,h2:9092` (`?tls=true`, `&sasl=plain`, `scram-sha-256` or `scram-sha-512`) and `nats://h1:4222` (`?tls=true`) name a broker; without user and password, which are secrets',
    ),
  SECRETS_DIR: z
    .string()
    .default('/var/openfaas/secrets')
    .describe('Folder of the secret files; where it is not set, OPENFAAS_SECRETS_DIR names it'),
  AUTH_MODE: z
    .enum(['dev', 'keys'], { error: ({ input }) => authModeFault(input) })
    .describe(
      "Who may call: `dev` takes every caller for an operator and is accepted on loopback and Unix sockets only; `keys` tells citizens, devices and operators apart by device keys and the operator's token, and asks those who bring events for theirs",
    ),
  EVENT_AUTH: z
    .enum(['key', 'network'])
    .default('key')
    .describe('`network` lets cluster-local callers bring events without a key'),
  CITY_CLOCK: z
    .enum(['real', 'database'])
    .default('real')
    .describe('City time: the real time, or the clock kept in PostgreSQL (replays)'),
  // Under a minute the hold of 3 minutes would break, over an hour a day would have too few windows to learn from.
  WINDOW: duration('5m', 'Length of a congestion window, 1m to 1h', '1m', '1h'),
  LATE_AFTER: duration('15m', 'A reading accepted later than this after its observation is late'),
  SILENT_AFTER: duration('15m', 'A sensor whose newest observation is older than this is silent', '1s'),
  ACCEPT_PAST: duration('30d', 'Oldest observation accepted, before city time'),
  ACCEPT_FUTURE: duration('5m', 'Newest observation accepted, after city time'),
  CITY_TIMEZONE: z
    .string()
    .refine(isTimeZone, { error: 'it must be an IANA time zone, like Europe/Vienna' })
    .optional()
    .describe(
      "IANA time zone of the city, for the page's clock and what is usual at a time of day; unset, these go by the viewer's zone and by UTC",
    ),
  MAP_STYLE_URL: z
    .url({ protocol: /^https$/, error: 'it must be an https:// URL' })
    .optional()
    .describe('A MapLibre style the page draws the roads on; nothing is loaded from elsewhere unless set'),
  MAPPINGS: z
    .string()
    .default('{}')
    .transform((value, context) => {
      try {
        return readMappings(value)
      } catch (error) {
        context.addIssue({ code: 'custom', message: (error as Error).message })
        return z.NEVER
      }
    })
    .describe(
      'For `map-readings`: by topic, as JSON, where its messages say what a reading says, each place a JSON Pointer: `device`, `observedAt`, `measures`, and optionally `units`, `seq`, `location` and `epoch` (`seconds` or `milliseconds`, where `observedAt` is a number)',
    ),
  // Node's timers hold 24 days.
  exec_timeout: duration(
    '10s',
    'Deadline of a call; a number alone is seconds, as for OpenFaaS',
    '1ms',
    '24d',
    parseTimeout,
  ),
  max_inflight: z
    .string()
    .regex(/^\d{1,9}$/, 'it must be a whole number, 0 for no limit')
    .default('1000')
    .transform(Number)
    .describe('Calls in progress before 429; 0 is no limit, as for OpenFaaS'),
  max_streams: count(1000, 'Open streams before 429'),
  STREAM_MAX: duration('1h', 'A stream ends after this; its client reconnects', '1s', '24d'),
  DRAIN_DELAY: duration('0s', 'How long SIGTERM goes on accepting: 10s on OpenFaaS without a watchdog'),
  DATABASE_POOL: count(4, 'PostgreSQL connections of one process'),
  DATABASE_RESERVE: count(
    60,
    "PostgreSQL connections the runtime keeps for functions that are deployed while it runs, beside those of stack.yml's",
  ),
  LOG_RETENTION: duration('7d', 'How long the log in PostgreSQL is kept at least; it is dropped by whole days'),
  INBOX_RETENTION: duration(
    '8d',
    'How long it is remembered at least what a function that declares `once` has done; a day longer than LOG_RETENTION',
  ),
  CALLBACK_HOSTS: z
    .string()
    .default('')
    .transform((value) =>
      value
        .toLowerCase()
        .split(/[\s,]+/)
        .filter(Boolean),
    )
    .describe(
      "Hosts, or `host:port`, that anybody may name in `X-Callback-Url` of an asynchronous call, beside functions of the gateway; who has the operator's token may name any",
    ),
  LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error']).default('info').describe('Least level that is logged'),
  FUNCTION_NAME: z
    .string()
    .optional()
    .describe('Name of the function in stack.yml; one that its handler does not bear is refused'),
  FUNCTION_VERSION: z.string().default('dev').describe('Version named in dead letters and logs'),
})
export type Environment = z.infer<typeof Environment>

/** Reads the environment once; throws `ConfigurationError`. */
export function readEnvironment(environment: Record<string, string | undefined> = process.env): Environment {
  return refuseOpenDevMode(checkedBy(Environment, environment))
}

function checkedBy<T>(schema: z.ZodType<T>, environment: Record<string, string | undefined>): T {
  const SECRETS_DIR = environment.SECRETS_DIR ?? environment.OPENFAAS_SECRETS_DIR
  const result = schema.safeParse({ ...environment, SECRETS_DIR })
  if (result.success) return result.data
  const faults = result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)
  throw new ConfigurationError(`the configuration is not complete: ${faults.join('; ')}`)
}

function refuseOpenDevMode(environment: Environment): Environment {
  const open = !environment.PORT.startsWith('/') && !['127.0.0.1', '::1', 'localhost'].includes(environment.HOST)
  if (environment.AUTH_MODE === 'dev' && open) {
    throw new ConfigurationError(
      `AUTH_MODE=dev lets everybody in: HOST must be 127.0.0.1, not ${environment.HOST}, or AUTH_MODE=keys`,
    )
  }
  return environment
}

/** The secret of that name, trimmed, or undefined where there is none. */
export function readSecret(folder: string, name: string): string | undefined {
  if (!/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(name)) throw new ConfigurationError(`${name} is not the name of a secret`)
  try {
    return readFileSync(join(folder, name), 'utf8').trim()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new ConfigurationError(`the secret ${name} cannot be read from ${folder}`)
  }
}

/** What the local runtime hands on to its functions, and what stack.yml may refer to. */
export interface RuntimeEnvironment {
  /** The settings of a function that are set here, by name. */
  settings: Record<string, string>
  busUrl: string
  authMode: Environment['AUTH_MODE']
  execTimeoutMs: number
  lateAfterMs: number
  databaseReserve: number
  callbackHosts: string[]
  retention: { logMs: number; inboxMs: number }
  /** Everything, for `${NAME:-default}` of stack.yml. */
  all: Record<string, string | undefined>
}

/** Reads and checks what the local runtime takes from its environment when its gateway listens on `host`. */
export function readRuntimeEnvironment(host: string, environment = process.env): RuntimeEnvironment {
  const checked = readEnvironment({ ...environment, PORT: '0', HOST: host, DATABASE_URL: 'postgres://embedded' })
  const settings = Object.keys(Environment.shape).flatMap((name) => {
    const value = environment[name]
    return value === undefined ? [] : [[name, value] as const]
  })
  return {
    settings: Object.fromEntries(settings),
    busUrl: checked.BUS_URL,
    authMode: checked.AUTH_MODE,
    execTimeoutMs: checked.exec_timeout,
    lateAfterMs: checked.LATE_AFTER,
    databaseReserve: checked.DATABASE_RESERVE,
    callbackHosts: checked.CALLBACK_HOSTS,
    retention: { logMs: checked.LOG_RETENTION, inboxMs: checked.INBOX_RETENTION },
    all: environment,
  }
}

const ConnectorEnvironment = Environment.pick({
  DATABASE_URL: true,
  BUS_URL: true,
  SECRETS_DIR: true,
  CITY_CLOCK: true,
  exec_timeout: true,
  LOG_RETENTION: true,
  INBOX_RETENTION: true,
  LOG_LEVEL: true,
})
export type ConnectorEnvironment = z.infer<typeof ConnectorEnvironment>

/** Reads what a connector that runs alone takes from its environment; throws `ConfigurationError`. */
export const readConnectorEnvironment = (environment: Record<string, string | undefined> = process.env) =>
  checkedBy(ConnectorEnvironment, environment)

/** Settings that belong to one process, or are another's on a platform. */
const NOT_SHARED = ['PORT', 'HOST', 'SECRETS_DIR', 'FUNCTION_NAME', 'FUNCTION_VERSION', 'DRAIN_DELAY', 'CALLBACK_HOSTS']

/**
 * Reads what manifests say of the settings that all share: those of the environment, as they are, and AUTH_MODE=keys, since
 * others reach what runs on a platform; throws `ConfigurationError`.
 */
export function readManifestEnvironment(
  environment: Record<string, string | undefined> = process.env,
): Pick<RuntimeEnvironment, 'settings' | 'all'> {
  const AUTH_MODE = environment.AUTH_MODE || 'keys'
  readEnvironment({ ...environment, AUTH_MODE, PORT: undefined, HOST: undefined })
  const settings = Object.keys(Environment.shape).flatMap((name) => {
    const value = name === 'AUTH_MODE' ? AUTH_MODE : environment[name]
    return value === undefined || NOT_SHARED.includes(name) ? [] : [[name, value] as const]
  })
  return { settings: Object.fromEntries(settings), all: environment }
}

/** Everything of the environment, for `${NAME:-default}` of a stack file. */
export const readStackVariables = (): Record<string, string | undefined> => process.env
