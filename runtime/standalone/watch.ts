import type { Logger } from 'pino'
import type { Connector } from '../connector/connector.ts'
import type { FunctionSpec } from '../connector/types.ts'
import type { Deployed, Deployment } from './deployed.ts'

/** Keeps the connector's functions those that are deployed. */
export interface Watch {
  /** Whether the gateway answered when it was last asked. */
  readonly isThere: boolean
  /** Why not, before the first answer too. */
  readonly fault: string | undefined
  /** What is deployed and called, as last seen. */
  readonly specs: FunctionSpec[]
  /** Calls a function can take at a time, as last seen. */
  maxInFlight(name: string): number
  stop(): Promise<void>
}

/** What watching a gateway needs. */
export interface WatchOptions {
  list(): Promise<Deployment[]>
  connector: Pick<Connector, 'serve' | 'resume'>
  read(functions: Deployment[]): Deployed
  log: Logger
  lookMs: number
}

/** Event calls one replica works on at a time, unless its DATABASE_POOL says otherwise. */
const EVENT_CALLS = 2

/** Asks the gateway again and again what is deployed: it may be down at first or later, which is said once. */
export const watchGateway = ({ list, read, connector, log, lookMs }: WatchOptions): Watch => {
  let seen: Deployment[] = []
  let called: FunctionSpec[] = []
  let fault: string | undefined = 'it has not answered yet'
  let said: string | undefined
  let named = new Map<string, string>()
  let stopping = false
  let wake = () => {}

  const tellFaults = (faults: Map<string, string>) => {
    for (const [name, error] of faults) {
      if (named.get(name) !== error)
        log.error({ alarm: 'function_left_out', function: name, error }, `${name} is left out: ${error}`)
    }
    named = faults
  }

  const look = async (): Promise<void> => {
    const functions = await list()
    const { specs, faults } = read(functions)
    tellFaults(faults)
    await connector.serve(specs)
    const before = new Map(seen.map((one) => [one.name, deployment(one)]))
    for (const one of functions) {
      // What was stopped may have been mended by the new one.
      if (before.has(one.name) && before.get(one.name) !== deployment(one)) connector.resume(one.name)
    }
    seen = functions
    called = specs
  }

  const run = async (): Promise<void> => {
    while (!stopping) {
      fault = await look().then(
        () => undefined,
        (error: Error) => error.message,
      )
      if (fault !== undefined && fault !== said)
        log.error({ alarm: 'gateway_unreachable', error: fault }, `the gateway cannot be asked: ${fault}`)
      if (fault === undefined && said !== undefined) {
        log.info('the gateway answers again')
        for (const { name } of called) connector.resume(name)
      }
      said = fault
      await new Promise<void>((resolve) => {
        wake = resolve
        if (stopping) resolve()
        else setTimeout(resolve, lookMs).unref()
      })
    }
  }
  const running = run()

  return {
    get isThere() {
      return fault === undefined
    },
    get fault() {
      return fault
    },
    get specs() {
      return called
    },
    maxInFlight(name) {
      const { availableReplicas = 0, envVars } = seen.find((one) => one.name === name) ?? { envVars: undefined }
      return Math.max(1, availableReplicas) * (Number(envVars?.DATABASE_POOL) || EVENT_CALLS)
    },
    async stop() {
      stopping = true
      wake()
      await running
    },
  }
}

const deployment = ({ image, createdAt, annotations, envVars }: Deployment): string =>
  JSON.stringify([image, createdAt, annotations, envVars])
