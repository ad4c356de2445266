import type { BusUrl } from '#shared/bus/url.ts'
import type { StackFunction } from '../stack/types.ts'
import type { Plan } from './types.ts'

/** A secret with whether its absence is an error. */
export interface NamedSecret {
  name: string
  needed: boolean
}

const needed = (...names: string[]): NamedSecret[] => names.map((name) => ({ name, needed: true }))
const perhaps = (...names: string[]): NamedSecret[] => names.map((name) => ({ name, needed: false }))

/** What a broker may ask for. */
export const busSecrets = ({ scheme, sasl, tls }: BusUrl): NamedSecret[] => {
  if (scheme === 'postgres') return []
  const certificates = tls ? perhaps('bus-ca', 'bus-cert', 'bus-key') : []
  if (scheme === 'kafka') return [...(sasl ? needed('bus-username', 'bus-password') : []), ...certificates]
  return [...perhaps('bus-username', 'bus-password', 'nats-creds'), ...certificates]
}

/** Whether a function is one of Junction's own, which share its database and its settings. */
export const bringsSettings = ({ secrets }: StackFunction): boolean => secrets.includes('database-password')

/** The secrets of a function. */
export const secretsOf = (plan: Plan, one: StackFunction): NamedSecret[] =>
  unique([...needed(...one.secrets), ...(bringsSettings(one) ? busSecrets(plan.bus) : [])])

/** The secrets of the connector: beside OpenFaaS it asks the gateway what is deployed; `junction dlq replay` in its pod calls with the invoke key. */
export const connectorSecrets = ({ target, bus }: Plan): NamedSecret[] =>
  unique([
    ...needed('database-password', 'connector-key'),
    ...perhaps('invoke-key'),
    ...(target.startsWith('openfaas') ? needed('basic-auth-user', 'basic-auth-password') : []),
    ...busSecrets(bus),
  ])

/** By name, each once; needed where anybody needs it. */
export const unique = (secrets: NamedSecret[]): NamedSecret[] => {
  const byName = new Map<string, NamedSecret>()
  for (const { name, needed } of secrets)
    byName.set(name, { name, needed: needed || byName.get(name)?.needed === true })
  return [...byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
}
