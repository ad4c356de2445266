import { pino } from 'pino'
import { openBus } from '#shared/bus/open.ts'
import { postgresBus } from '#shared/bus/postgres.ts'
import { readBusUrl } from '#shared/bus/url.ts'
import { readConnectorEnvironment, readSecret } from '#shared/config.ts'
import type { Redelivery, RedeliveryRequest } from '#shared/contracts/redelivery.ts'
import { redeliver } from '../redelivery/redeliver.ts'
import { authorizationOf } from '../standalone/authorization.ts'
import { UserError } from '../user-error.ts'
import { databaseOf, findRunning, gatewayFetch, type Reached } from './running.ts'

/** Where a command works: on the runtime of a data folder, unless it is told a gateway. */
export interface Place {
  data: string
  gateway?: string
}

/** Finds what the options of a command mean; throws UserError or ConfigurationError. */
export const findDeployed = async ({ data, gateway }: Place): Promise<Reached> =>
  gateway === undefined ? findRunning(data) : findBeside(gateway)

/** What lies beside another gateway, as a command reaches it: by the environment that `junction connector` reads. */
export interface Beside extends Reached {
  /** Sets positions of a consumer; throws RedeliveryRefused. */
  redeliver(request: RedeliveryRequest): Promise<Redelivery>
}

/** Finds what lies beside a gateway; throws ConfigurationError where the environment does not say it. */
export const findBeside = (gateway: string): Beside => {
  const { DATABASE_URL: url, BUS_URL: busUrl, SECRETS_DIR: secrets } = readConnectorEnvironment()
  const given = (name: string) => readSecret(secrets, name)
  const withDatabase = databaseOf(() => ({ url, password: given('database-password') }))
  return {
    withDatabase,
    secret(name) {
      const value = given(name)
      if (value === undefined) throw new UserError(`the secret ${name} is missing in ${secrets}`)
      return value
    },
    fetch(path, init = {}) {
      const headers = new Headers(init.headers)
      const authorization = authorizationOf(given)
      if (authorization && !headers.has('authorization')) headers.set('authorization', authorization)
      return gatewayFetch(gateway, path, { ...init, headers })
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
