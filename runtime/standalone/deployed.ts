import { z } from 'zod'
import { parseTimeout } from '#shared/contracts/duration.ts'
import { checkLadder } from '../connector/ladder.ts'
import { RELAY } from '../connector/relay.ts'
import { functionSpec } from '../connector/spec.ts'
import type { FunctionSpec } from '../connector/types.ts'
import { wiringOf } from '../stack/annotations.ts'

const texts = z.record(z.string(), z.string()).nullish()

/** What the connector reads of OpenFaaS's FunctionStatus. */
export const FunctionStatus = z.object({
  name: z.string(),
  image: z.string().optional(),
  annotations: texts,
  envVars: texts,
  availableReplicas: z.number().optional(),
  createdAt: z.string().optional(),
})
export type FunctionStatus = z.infer<typeof FunctionStatus>

/** A function as the connector finds it. */
export type Deployment = FunctionStatus & {
  /** Its events come another way: what is left are its alarms, and a schedule of Junction's own. */
  broughtByPlatform?: boolean
}

/** What is deployed, as far as delivery goes. */
export interface Deployed {
  /** Those that are called for events, alarms or schedules. */
  specs: FunctionSpec[]
  /** Functions that were left out, and why. */
  faults: Map<string, string>
}

/** Reads what a gateway has deployed: a function that is annotated wrongly is left out and named, the others go on. */
export const readDeployed = (functions: Deployment[], execTimeoutMs: number): Deployed => {
  const specs: FunctionSpec[] = []
  const faults = new Map<string, string>()
  for (const { name, annotations, envVars, broughtByPlatform } of functions) {
    try {
      const called = functionSpec(
        { name, annotations: annotations ?? {}, wiring: wiringOf(annotations ?? {}) },
        envVars?.exec_timeout === undefined ? execTimeoutMs : parseTimeout(envVars.exec_timeout),
      )
      const spec = broughtByPlatform ? ticksOf(called) : called
      // Only one that takes slices stores alarms.
      if (!isCalled(spec) && called.topics.length === 0) continue
      checkLadder(name, spec.execTimeoutMs)
      if (name === RELAY) throw new Error(`${RELAY} is the name of what forwards the log: rename the function`)
      specs.push(spec)
    } catch (error) {
      faults.set(name, (error as Error).message)
    }
  }
  return { specs, faults }
}

const isCalled = ({ topics, foreignTopic, schedule }: FunctionSpec): boolean =>
  topics.length > 0 || foreignTopic !== undefined || schedule !== undefined

/** The alarms and the schedule that nobody but a connector can call for. */
const ticksOf = (spec: FunctionSpec): FunctionSpec => ({
  ...spec,
  topics: [],
  foreignTopic: undefined,
  schedule: spec.foreignSchedule ? undefined : spec.schedule,
})
