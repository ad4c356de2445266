import { ConfigurationError } from '#shared/configuration-error.ts'
import { parseDuration } from '#shared/contracts/duration.ts'

/** `streaming` and `serializing` start the program once for every call, `http` once for all of them. */
export type Mode = 'streaming' | 'serializing' | 'http'

/** What a watchdog is told by its environment: the names and defaults are those of of-watchdog. */
export interface WatchdogSettings {
  /** The program and its arguments. */
  command: [program: string, ...args: string[]]
  mode: Mode
  /** Where the program of mode http listens; without one it gets a free port in PORT. */
  upstream: URL | undefined
  execTimeoutMs: number
  writeTimeoutMs: number
  /** 0 = no limit, here and below. */
  readTimeoutMs: number
  maxInflight: number
  /** Of every answer of a program that is started for each call. */
  contentType: string
  readyPath: string | undefined
  prefixLogs: boolean
}

type Environment = Record<string, string | undefined>

const MODES: string[] = ['streaming', 'serializing', 'http'] satisfies Mode[]

/** Reads a watchdog's settings; throws `ConfigurationError`, which names the setting and its fault. */
export const readSettings = (environment: Environment): WatchdogSettings => {
  const mode = environment.mode || 'streaming'
  if (!MODES.includes(mode)) fail('mode', mode, `must be one of ${MODES.join(', ')}`)
  if (isTrue('jwt_auth', environment.jwt_auth, false))
    throw new ConfigurationError('jwt_auth is not supported: without it this function would let in everybody')
  // Unlike of-watchdog: whoever calls waits for so long, and nobody waits for ever.
  const execTimeoutMs = positive('exec_timeout', environment.exec_timeout)
  return {
    command: commandOf(environment.function_process ?? environment.fprocess ?? ''),
    mode: mode as Mode,
    upstream: upstreamOf(environment),
    execTimeoutMs,
    readTimeoutMs: duration('read_timeout', environment.read_timeout),
    // Unlike of-watchdog: a call that has longer than 30 s is not cut off before its own time is over.
    writeTimeoutMs: positive('write_timeout', environment.write_timeout, execTimeoutMs + LAST_WORDS_MS),
    maxInflight: count('max_inflight', environment.max_inflight),
    contentType: environment.content_type || 'application/octet-stream',
    readyPath: pathOf('ready_path', environment.ready_path),
    prefixLogs: isTrue('prefix_logs', environment.prefix_logs, true),
  }
}

const fail = (name: string, value: string | undefined, fault: string): never => {
  throw new ConfigurationError(`${name} is ${JSON.stringify(value?.slice(0, 64))}: it ${fault}`)
}

/** Parts a command line at its white space, as of-watchdog does: quotes and `$` mean nothing, there is no shell. */
export const commandOf = (line: string): WatchdogSettings['command'] => {
  const [program, ...args] = line.split(/\s+/).filter(Boolean)
  if (program === undefined)
    throw new ConfigurationError('fprocess is not set: it is the command line of the program to run')
  return [program, ...args]
}

/** A duration of Go's form, or whole seconds. */
export const durationOf = (text: string): number => (/^\d+$/.test(text) ? Number(text) * 1_000 : parseDuration(text))

const DEFAULT_MS = 30_000
/** For the word that its time is over. */
const LAST_WORDS_MS = 2_000
const MAX_MS = 24 * 86_400_000

const duration = (name: string, value: string | undefined): number => {
  if (!value) return DEFAULT_MS
  try {
    return Math.min(durationOf(value), MAX_MS)
  } catch {
    return fail(name, value, 'must be a duration like 10s or 1h30m, or whole seconds')
  }
}

const positive = (name: string, value: string | undefined, least = 0): number =>
  (value ? duration(name, value) : Math.max(DEFAULT_MS, least)) || fail(name, value, 'must be more than 0')

const count = (name: string, value: string | undefined): number => {
  if (!value) return 0
  return /^\d{1,9}$/.test(value) ? Number(value) : fail(name, value, 'must be a whole number, 0 for no limit')
}

const isTrue = (name: string, value: string | undefined, otherwise: boolean): boolean => {
  if (!value) return otherwise
  if (/^(1|t|true)$/i.test(value)) return true
  return /^(0|f|false)$/i.test(value) ? false : fail(name, value, 'must be true or false')
}

const pathOf = (name: string, value: string | undefined): string | undefined => {
  if (!value) return undefined
  return /^\/[!-~]*$/.test(value) ? value : fail(name, value, 'must be a path, which begins with /')
}

const upstreamOf = (environment: Environment): URL | undefined => {
  const name = environment.http_upstream_url === undefined ? 'upstream_url' : 'http_upstream_url'
  const value = environment[name]
  if (!value) return undefined
  const url = URL.canParse(value) ? new URL(value) : fail(name, value, 'must be a URL like http://127.0.0.1:3000')
  if (url.protocol !== 'http:') fail(name, value, 'must begin with http://')
  return url
}
