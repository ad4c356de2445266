import { z } from 'zod'
import { parseDuration } from '#shared/contracts/duration.ts'
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

/** What is deployed, as far as delivery goes. */
export interface Deployed {
  /** Those that are called for events, alarms or schedules. */
  specs: FunctionSpec[]
  /** Functions that were left out, and why. */
  faults: Map<string, string>
}

/** Reads what a gateway has deployed: a function that is annotated wrongly is left out and named, the others go on. */
export const readDeployed = (functions: FunctionStatus[], execTimeoutMs: number): Deployed => {
  const specs: FunctionSpec[] = []
  const faults = new Map<string, string>()
  for (const { name, annotations, envVars } of functions) {
    try {
      const spec = functionSpec(
        { name, annotations: annotations ?? {}, wiring: wiringOf(annotations ?? {}) },
        envVars?.exec_timeout === undefined ? execTimeoutMs : parseDuration(envVars.exec_timeout),
      )
      if (spec.topics.length === 0 && spec.foreignTopic === undefined && spec.schedule === undefined) continue
      checkLadder(name, spec.execTimeoutMs)
      if (name === RELAY) throw new Error(`${RELAY} is the name of what forwards the log: rename the function`)
      specs.push(spec)
    } catch (error) {
      faults.set(name, (error as Error).message)
    }
  }
  return { specs, faults }
}
