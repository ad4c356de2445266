import { retryPolicyOf } from '../async/retry.ts'
import { RELAY } from '../connector/relay.ts'
import { programOf, type Runnable } from '../deployments/definition.ts'
import { wiringOf } from '../stack/annotations.ts'
import { NAMESPACE } from '../stack/key.ts'
import { probesOf } from '../stack/probes.ts'
import { scaleOf } from '../stack/scale.ts'
import type { Program, StackFunction } from '../stack/types.ts'
import { durationOf, readSettings } from '../watchdog/settings.ts'
import { type FunctionDeployment, invalid } from './requests.ts'

/** What a deployment over the REST API means; throws Refused or DeploymentRefused that say what is wrong. */
export const definitionOf = (asked: FunctionDeployment, runnable: Runnable): StackFunction => {
  const { service: name, image, labels = {}, annotations = {}, envVars: environment = {} } = asked
  // As the watchdog reads them: what is looked for here has to be what it starts.
  const command = environment.function_process || environment.fprocess || asked.envProcess
  const program = programOf(image, command, runnable)
  checkSettings(program, environment)
  checkAnnotations(name, program, annotations)
  return {
    name,
    namespace: asked.namespace || NAMESPACE,
    image,
    program,
    environment,
    secrets: asked.secrets ?? [],
    labels,
    annotations,
    constraints: asked.constraints ?? [],
    limits: unlessEmpty(asked.limits),
    requests: unlessEmpty(asked.requests),
    readOnlyRootFilesystem: asked.readOnlyRootFilesystem ?? false,
    envProcess: asked.envProcess || undefined,
    scale: read('labels', () => scaleOf(labels)),
    probes: read('annotations', () => probesOf(annotations)),
    wiring: read('annotations', () => wiringOf(wired(annotations))),
  }
}

const unlessEmpty = (map: Record<string, string> | undefined): Record<string, string> | undefined => {
  const set = Object.entries(map ?? {}).filter(([, value]) => value !== '')
  return set.length > 0 ? Object.fromEntries(set) : undefined
}

const read = <T>(field: string, work: () => T): T => {
  try {
    return work()
  } catch (error) {
    if ((error as Error).name !== 'StackError') throw error
    // Where it stood in a file says nothing here.
    throw invalid(`${field}: ${(error as Error).message.replace(/^\w+:\d+: /, '')}`)
  }
}

/** What the watchdog, or the gateway, would only find out once the function is to run. */
const checkSettings = (program: Program, environment: Record<string, string>): void => {
  try {
    if (program.kind === 'process') readSettings({ ...environment, fprocess: program.command })
    else if (environment.exec_timeout !== undefined) durationOf(environment.exec_timeout)
  } catch (error) {
    throw invalid(`envVars: ${(error as Error).message}`)
  }
}

const OWN_WIRING = ['city.junction.topics', 'city.junction.schedule']

const checkAnnotations = (name: string, program: Program, annotations: Record<string, string>): void => {
  // Calls by Junction's own wiring bear the key of the connector, which no foreign program is to see.
  const own = OWN_WIRING.find((key) => annotations[key] !== undefined)
  if (program.kind === 'process' && own !== undefined)
    throw invalid(`annotations: ${own} is for functions that are built here: give a program "topic" and "schedule"`)
  if (name === RELAY)
    throw invalid(`service: the name ${RELAY} is taken by what forwards the log to a broker: rename the function`)
  try {
    retryPolicyOf(annotations)
  } catch (error) {
    throw invalid(`annotations: ${(error as Error).message}`)
  }
}

/** OpenFaaS's cron-connector looks at a schedule only beside its own topic. */
const wired = (annotations: Record<string, string>): Record<string, string> => {
  const { schedule, ...rest } = annotations
  return schedule === undefined || annotations.topic === 'cron-function' ? annotations : rest
}
