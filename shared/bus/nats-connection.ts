import {
  JetStreamApiError,
  type JetStreamClient,
  type JetStreamManager,
  jetstream,
  jetstreamManager,
} from '@nats-io/jetstream'
import { type ConnectionOptions, connect, credsAuthenticator, type NatsConnection } from '@nats-io/transport-node'
import { ConfigurationError } from '#shared/configuration-error.ts'
import { BusUnavailable } from './errors.ts'
import type { BrokerOptions } from './port.ts'
import { type BusUrl, busName, readBusUrl } from './url.ts'

/** One living connection and what is asked through it. */
export interface NatsClient {
  connection: NatsConnection
  js: JetStreamClient
  manager: JetStreamManager
}

/** Keeps one connection. */
export interface NatsClients {
  /** How long a request waits for its answer, ms. */
  requestMs: number
  /**
   * Asks something; throws `BusUnavailable` while there is no connection or no answer, `ConfigurationError` where access
   * is denied, and a refusal of the server (`JetStreamApiError`) as it is.
   */
  ask<T>(question: (client: NatsClient) => Promise<T>): Promise<T>
  close(): Promise<void>
}

interface Dialed extends NatsClient {
  /** What rejects the questions under way. */
  inFlight: Set<(gone: BusUnavailable) => void>
}

const REQUEST_MS = 3_000
const PING_MS = 2_000
const DIAL_MS = 2_000

/**
 * The connection is dialed at its first use and again after its end, with the secrets as they are then. The library
 * reconnects nothing: it would send later what its caller has long been told is lost.
 */
export function natsClients({ url, secret, log, settings }: BrokerOptions): NatsClients {
  const bus = readBusUrl(url)
  const { requestMs = REQUEST_MS } = settings ?? {}
  const dialMs = settings?.requestMs ?? DIAL_MS
  const where = busName(bus)
  let current: Promise<Dialed> | undefined
  let closed = false
  optionsOf(bus, secret)

  async function dial(): Promise<Dialed> {
    const connection = await connect({ ...optionsOf(bus, secret), timeout: dialMs })
    const mine = current
    log.debug({ server: connection.getServer() }, 'connected to NATS')
    const inFlight: Dialed['inFlight'] = new Set()
    void connection.closed().then((error) => {
      if (current === mine) current = undefined
      if (!closed) log.warn({ bus: where, ...(error && { err: error }) }, 'the connection to NATS is gone')
      const gone = new BusUnavailable(`the connection to ${where} ended`, { cause: error })
      for (const reject of inFlight) reject(gone)
    })
    const options = { timeout: requestMs, checkAPI: false }
    const manager = await jetstreamManager(connection, options)
    return { connection, js: jetstream(connection, options), manager, inFlight }
  }

  function client(): Promise<Dialed> {
    if (closed) return Promise.reject(new BusUnavailable(`${where}: this bus is closed`))
    if (current === undefined) {
      const dialed = dial()
      current = dialed
      dialed.catch(() => {
        if (current === dialed) current = undefined
      })
    }
    return current
  }

  return {
    requestMs,
    async ask(question) {
      try {
        return await untilGone(await client(), question)
      } catch (error) {
        throw explain(error, where)
      }
    },
    async close() {
      closed = true
      await (await current?.catch(() => undefined))?.connection.close()
    },
  }
}

/** Some requests of the library never settle when their connection ends. */
function untilGone<T>(dialed: Dialed, question: (client: NatsClient) => Promise<T>): Promise<T> {
  const { connection, inFlight } = dialed
  return new Promise<T>((resolve, reject) => {
    if (connection.isClosed()) return reject(new BusUnavailable('the connection to NATS has just ended'))
    inFlight.add(reject)
    question(dialed)
      .then(resolve, reject)
      .finally(() => inFlight.delete(reject))
  })
}

function optionsOf(bus: BusUrl, secret: BrokerOptions['secret']): ConnectionOptions {
  return {
    servers: bus.servers,
    name: 'junction',
    reconnect: false,
    pingInterval: PING_MS,
    maxPingOut: 2,
    ...(bus.tls && { tls: tlsOf(secret) }),
    ...userOf(secret),
  }
}

function tlsOf(secret: BrokerOptions['secret']) {
  const [ca, cert, key] = [secret('bus-ca'), secret('bus-cert'), secret('bus-key')]
  if ((cert === undefined) !== (key === undefined)) {
    throw new ConfigurationError('a client certificate needs both secrets, bus-cert and bus-key')
  }
  return { ...(ca !== undefined && { ca }), ...(cert !== undefined && key !== undefined && { cert, key }) }
}

function userOf(secret: BrokerOptions['secret']): ConnectionOptions {
  const creds = secret('nats-creds')
  if (creds !== undefined) return { authenticator: credsAuthenticator(new TextEncoder().encode(creds)) }
  const [user, pass] = [secret('bus-username')?.trim(), secret('bus-password')?.trim()]
  if ((user === undefined) !== (pass === undefined)) {
    throw new ConfigurationError('a user of NATS needs both secrets, bus-username and bus-password')
  }
  return user === undefined || pass === undefined ? {} : { user, pass }
}

const OURS = ['BusUnavailable', 'ConfigurationError', 'NoSuchTopic', 'RefusedEvent', 'PositionOutOfRange']
// The server's way to say: later.
const BUSY = [408, 409, 429]
const DENIED = ['AuthorizationError', 'UserAuthenticationExpiredError', 'PermissionViolationError']
const TLS = /certificate|self-signed|altnames|ssl|tls/i

function explain(error: unknown, where: string): unknown {
  const { name, message, code } = error as Error & { code?: unknown }
  if (OURS.includes(name)) return error
  if (error instanceof JetStreamApiError && error.status < 500 && !BUSY.includes(error.status)) return error
  if (DENIED.includes(name)) {
    return new ConfigurationError(
      `${where} denies access (${message}): see the secret nats-creds, or bus-username and bus-password`,
      { cause: error },
    )
  }
  if (TLS.test(`${message} ${String(code)}`)) {
    return new BusUnavailable(
      `${where}: no trusted TLS connection (${message}); the secret bus-ca names whom to trust`,
      {
        cause: error,
      },
    )
  }
  return new BusUnavailable(`${where} is away or does not answer: ${message}`, { cause: error })
}
