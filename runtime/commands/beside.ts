import { pino } from 'pino'
import { openBus } from '#shared/bus/open.ts'
import { postgresBus } from '#shared/bus/postgres.ts'
import { readBusUrl } from '#shared/bus/url.ts'
import { readConnectorEnvironment, readSecret } from '#shared/config.ts'
import type { Redelivery, RedeliveryRequest } from '#shared/contracts/redelivery.ts'
import { redeliver } from '../redelivery/redeliver.ts'
import { authorizationOf } from '../standalone/authorization.ts'
import { readFunctionList } from '../standalone/listed.ts'
import { UserError } from '../user-error.ts'
import { annotationsAt, databaseOf, findRunning, gatewayFetch, isOperators, type Reached } from './running.ts'

/** Where a command works: on the runtime of a data folder, unless it is told a gateway, or a list of functions in its place. */
export interface Place {
  data: string
  gateway?: string
  functions?: string
}

/** Finds what the options of a command mean; throws UserError or ConfigurationError. */
export const findDeployed = async (place: Place): Promise<Reached> =>
  isBeside(place) ? findBeside(place) : findRunning(place.data)

/** Whether a command works by the environment of the connector, and not on a data folder. */
export const isBeside = ({ gateway, functions }: Omit<Place, 'data'>): boolean =>
  gateway !== undefined || functions !== undefined

/** What lies beside another gateway, as a command reaches it: by the environment that `junction connector` reads. */
export interface Beside extends Reached {
  /** Sets positions of a consumer; throws RedeliveryRefused. */
  redeliver(request: RedeliveryRequest): Promise<Redelivery>
}

/** Finds what lies beside a gateway; throws ConfigurationError where the environment does not say it. */
export const findBeside = ({ gateway = '', functions }: Omit<Place, 'data'>): Beside => {
  const { DATABASE_URL: url, BUS_URL: busUrl, SECRETS_DIR: secrets } = readConnectorEnvironment()
  const given = (name: string) => readSecret(secrets, name)
  const withDatabase = databaseOf(() => ({ url, password: given('database-password') }))
  const call: Reached['fetch'] = async (path, init = {}) => {
    if (functions !== undefined) return fetchListed(functions, path, init)
    const headers = new Headers(init.headers)
    const authorization = isOperators(path) ? authorizationOf(given) : undefined
    if (authorization) headers.set('authorization', authorization)
    return gatewayFetch(gateway, path, { ...init, headers })
  }
  return {
    withDatabase,
    fetch: call,
    annotationsOf: async (name) =>
      functions === undefined
        ? annotationsAt(call, name)
        : (await readFunctionList(functions)).find((one) => one.name === name)?.annotations,
    secret(name) {
      const value = given(name)
      if (value === undefined) throw new UserError(`the secret ${name} is missing in ${secrets}`)
      return value
    },
    redeliver: (request) =>
      withDatabase(async (database) => {
        const bus = await openBus(busUrl, { database, secret: given, log: pino({ level: 'silent' }) })
        const relayed = readBusUrl(busUrl).scheme === 'postgres' ? [] : [postgresBus(database)]
        try {
          return await redeliver({ database, buses: [bus, ...relayed] }, request)
        } finally {
          await bus.close()
        }
      }),
  }
}

/** Calls the function that a gateway would have at this path. */
const fetchListed = async (file: string, path: string, init: RequestInit): Promise<Response> => {
  const [, name, rest] = /^\/function\/([^/?]+)(.*)$/.exec(path) ?? []
  const found = (await readFunctionList(file)).find((one) => one.name === name)
  if (found === undefined) throw new UserError(`${file} has no function ${name}`)
  return gatewayFetch(found.url, rest || '/', init)
}
