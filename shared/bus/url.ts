import { ConfigurationError } from '#shared/configuration-error.ts'

/** A bus as BUS_URL names it: `kafka://h1:9092,h2:9092?tls=true&sasl=plain`, `nats://h1:4222?tls=true`, `postgres://`. */
export interface BusUrl {
  scheme: 'postgres' | 'kafka' | 'nats'
  /** `host:port` each; none for PostgreSQL, where the log lies in the database of DATABASE_URL. */
  servers: string[]
  /** Verified TLS. */
  tls: boolean
  sasl?: 'plain' | 'scram-sha-256' | 'scram-sha-512'
}

const PORTS = { kafka: 9092, nats: 4222 }
const SASL = ['plain', 'scram-sha-256', 'scram-sha-512'] as const
const PARAMETERS = { kafka: ['tls', 'sasl'], nats: ['tls'] }
const CREDENTIALS = {
  kafka: 'the files bus-username and bus-password of SECRETS_DIR, and ?sasl=scram-sha-512 names the mechanism',
  nats: 'the file nats-creds, or bus-username and bus-password, of SECRETS_DIR',
  postgres: 'the file database-password of SECRETS_DIR',
}

const refuse = (text: string): never => {
  throw new ConfigurationError(text)
}

/** Reads a BUS_URL; throws ConfigurationError, which never repeats what may be a password. */
export function readBusUrl(text: string): BusUrl {
  const [, scheme = '', rest = ''] = /^([a-z][a-z0-9+.-]*):(?:\/\/)?(.*)$/is.exec(text) ?? []
  switch (scheme.toLowerCase()) {
    case 'kafka':
    case 'nats':
      return readBroker(scheme.toLowerCase() as 'kafka' | 'nats', rest)
    case 'postgres':
    case 'postgresql':
      if (/:[^/@]*@/.test(rest)) refuse(`a URL holds no password: put it into ${CREDENTIALS.postgres}`)
      return { scheme: 'postgres', servers: [], tls: false }
    default:
      return refuse('it must begin with postgres://, kafka:// or nats://, as in kafka://h1:9092,h2:9092')
  }
}

function readBroker(scheme: 'kafka' | 'nats', rest: string): BusUrl {
  // The last @: a password may hold one itself, and none of it may be taken for a host and told.
  if (rest.includes('@')) refuse(`a URL holds no user and no password: put them into ${CREDENTIALS[scheme]}`)
  const [, hosts = '', query] = /^([^?#]*)(?:\?([^#]*))?$/.exec(rest) ?? []
  const servers = hosts
    .replace(/\/$/, '')
    .split(',')
    .map((host) => readServer(scheme, host.trim()))
  const given = new URLSearchParams(query)
  const known = PARAMETERS[scheme]
  for (const name of given.keys()) {
    if (!known.includes(name))
      refuse(`unknown parameter "${name.slice(0, 40)}"; known for ${scheme}: ${known.join(', ')}`)
    if (given.getAll(name).length > 1) refuse(`the parameter ${name} stands there twice`)
  }
  const [tls, sasl] = [given.get('tls') ?? 'false', given.get('sasl')]
  if (tls !== 'true' && tls !== 'false') refuse('the parameter tls must be true or false')
  const mechanism = SASL.find((one) => one === sasl)
  if (sasl !== null && mechanism === undefined) refuse(`the parameter sasl must be ${SASL.join(', ')}`)
  return { scheme, servers, tls: tls === 'true', ...(mechanism && { sasl: mechanism }) }
}

function readServer(scheme: 'kafka' | 'nats', text: string): string {
  const [, host, port = String(PORTS[scheme])] = /^(\[[0-9a-f:.]+\]|[\w.-]+)(?::(\d{1,5}))?$/i.exec(text) ?? []
  if (host === undefined || Number(port) < 1 || Number(port) > 65_535)
    return refuse(`it must name its servers as host:port, as in ${scheme}://h1:${PORTS[scheme]},h2:${PORTS[scheme]}`)
  return `${host}:${port}`
}

/** The bus in a few words, as a start and a status show it: `kafka 127.0.0.1:9092`. */
export const busName = ({ scheme, servers }: BusUrl): string => [scheme, servers.join(',')].join(' ').trim()
