import { Kafka, type KafkaConfig, logLevel, type SASLOptions } from 'kafkajs'
import type { Logger } from 'pino'
import { ConfigurationError } from '#shared/configuration-error.ts'
import { BusUnavailable } from './errors.ts'
import type { BrokerOptions } from './port.ts'
import { type BusUrl, busName, readBusUrl } from './url.ts'

/** Makes clients of one cluster and reads their errors. */
export interface KafkaClients {
  /** A client with the secrets as they are now, so that a renewed certificate needs no restart. */
  make(): Kafka
  /** How long a request waits for its answer, ms. */
  requestMs: number
  /** The error in our words: a `ConfigurationError` or `BusUnavailable`; what names no fault of either stays as it is. */
  fault(error: unknown): unknown
}

/** Every retry of the client library is ours to choose: its defaults change with NODE_ENV. */
export const retry = { retries: 3, initialRetryTime: 100, maxRetryTime: 1000, factor: 0.2, multiplier: 2 }

const REQUEST_MS = 6_000

/** Throws ConfigurationError where URL and secrets do not fit each other. */
export function kafkaClients({ url, secret, log, settings }: BrokerOptions): KafkaClients {
  const bus = readBusUrl(url)
  const requestMs = settings?.requestMs ?? REQUEST_MS
  const config = (): KafkaConfig => ({
    clientId: 'junction',
    brokers: bus.servers,
    ...(bus.tls && { ssl: tlsOf(secret) }),
    ...(bus.sasl && { sasl: saslOf(bus.sasl, secret) }),
    connectionTimeout: Math.min(3_000, requestMs),
    authenticationTimeout: requestMs,
    requestTimeout: requestMs,
    enforceRequestTimeout: true,
    retry: { ...retry, restartOnFailure: async () => false },
    logLevel: logLevel.INFO,
    logCreator: () => logTo(log),
  })
  config()
  return { make: () => new Kafka(config()), requestMs, fault: (error) => explain(error, bus) }
}

function tlsOf(secret: BrokerOptions['secret']) {
  const [ca, cert, key] = [secret('bus-ca'), secret('bus-cert'), secret('bus-key')]
  if ((cert === undefined) !== (key === undefined)) {
    throw new ConfigurationError('a client certificate needs both secrets, bus-cert and bus-key')
  }
  return { ...(ca !== undefined && { ca: [ca] }), ...(cert !== undefined && key !== undefined && { cert, key }) }
}

function saslOf(mechanism: NonNullable<BusUrl['sasl']>, secret: BrokerOptions['secret']): SASLOptions {
  const [username, password] = [secret('bus-username')?.trim(), secret('bus-password')?.trim()]
  if (!username || !password) {
    throw new ConfigurationError(
      `BUS_URL asks for sasl=${mechanism}: it needs the secrets bus-username and bus-password`,
    )
  }
  return { mechanism, username, password }
}

// The library calls much an error that it mends itself; what matters is told by the driver.
function logTo(log: Logger) {
  return ({ log: { message, error, groupId } }: { log: { message: string; error?: unknown; groupId?: unknown } }) =>
    log.debug(
      { ...(groupId !== undefined && { groupId }), ...(error !== undefined && { error: String(error) }) },
      message,
    )
}

/** The protocol's word for an error (`MESSAGE_TOO_LARGE` …), however often the library wrapped it. */
export function errorType(error: unknown): string | undefined {
  for (let e = error; typeof e === 'object' && e !== null; e = (e as Error).cause) {
    if ('type' in e && typeof e.type === 'string') return e.type
  }
  return undefined
}

const named = (error: unknown, name: string): boolean =>
  typeof error === 'object' && error !== null && ((error as Error).name === name || named((error as Error).cause, name))

const DENIED = /_AUTHORIZATION_FAILED$/
const UNREADABLE = /inflate to more than|^gzip: /
const TLS = /certificate|self-signed|altnames|ssl|tls/i

function explain(error: unknown, bus: BusUrl): unknown {
  const { name = '', message = '' } = (error ?? {}) as Error
  if (!name.startsWith('KafkaJS') && name !== 'BrokerTimeout') return error
  const where = busName(bus)
  const type = errorType(error)
  if (named(error, 'KafkaJSSASLAuthenticationError') || type === 'SASL_AUTHENTICATION_FAILED') {
    return new ConfigurationError(
      `${where} refuses the user of the secrets bus-username and bus-password (${bus.sasl})`,
    )
  }
  if (type !== undefined && DENIED.test(type)) {
    return new ConfigurationError(`${where} denies what is asked of it: ${message}`, { cause: error })
  }
  if (TLS.test(message)) {
    return new BusUnavailable(
      `${where}: no trusted TLS connection (${message}); the secret bus-ca names whom to trust`,
      {
        cause: error,
      },
    )
  }
  if (named(error, 'KafkaJSNotImplemented') || UNREADABLE.test(message)) {
    return new ConfigurationError(
      `${where} gives records that cannot be read (${message}): have their producer send plain or gzip, and \`junction redeliver\` go past them`,
      { cause: error },
    )
  }
  return new BusUnavailable(`${where} is away or does not answer: ${message}`, { cause: error })
}
