import { retryPolicyOf } from '../async/retry.ts'
import { checkLadder } from '../connector/ladder.ts'
import { RELAY } from '../connector/relay.ts'
import { DeploymentRefused } from '../deployments/types.ts'
import { keyOf, NAMESPACE } from '../stack/key.ts'
import type { StackFunction } from '../stack/types.ts'
import { connectionsFor, connectionsOf, execTimeoutOf } from './function-settings.ts'

/** What a deployment has to fit into. */
export interface Bounds {
  /** `exec_timeout` of all functions. */
  execTimeoutMs: number
  /** What PostgreSQL was started with; undefined where somebody else runs it. */
  maxConnections: number | undefined
}

/** Logs go by these names, and so does what forwards the log to a broker. */
const TAKEN = [RELAY, 'runtime', 'postgres']

/** Throws DeploymentRefused for what cannot be run beside the others, and says what to do. */
export const checkDeployment =
  ({ execTimeoutMs, maxConnections }: Bounds) =>
  (definition: StackFunction, others: StackFunction[]): void => {
    const key = keyOf(definition)
    if (TAKEN.includes(key)) throw refused(`the name ${key} is taken by the runtime itself: choose another one`)
    if (isOwnConsumer(definition))
      throw refused(
        `${key} asks for topics or a schedule of Junction, which go by the name of a function alone: deploy it in ${NAMESPACE}`,
      )
    try {
      checkLadder(key, execTimeoutOf(definition, execTimeoutMs))
      retryPolicyOf(definition.annotations)
    } catch (error) {
      throw refused((error as Error).message)
    }
    const needed = connectionsFor(definition)
    if (needed > 0 && maxConnections !== undefined) checkConnections(definition, others, maxConnections)
  }

/** While a function is replaced, the old and the new one have their connections side by side. */
const checkConnections = (definition: StackFunction, others: StackFunction[], most: number): void => {
  const all = [...others, definition]
  const needed = connectionsOf(all) + Math.max(...all.map(connectionsFor))
  if (needed <= most) return
  throw refused(
    `${keyOf(definition)} needs ${connectionsFor(definition)} PostgreSQL connections, which are ${needed - most} more than are left: ` +
      'lower its com.openfaas.scale.max or its DATABASE_POOL, remove another function, or start the runtime again, with a higher DATABASE_RESERVE if need be',
  )
}

const isOwnConsumer = ({ namespace, wiring, annotations }: StackFunction): boolean =>
  namespace !== NAMESPACE &&
  (wiring.topics.length > 0 || (wiring.schedule !== undefined && annotations.schedule === undefined))

const refused = (why: string): DeploymentRefused => new DeploymentRefused(400, why)
