import type { FunctionSpec } from './types.ts'

/** What the connector reads of a function of stack.yml. */
interface Deployed {
  name: string
  annotations: Record<string, string>
  wiring: Omit<FunctionSpec, 'name' | 'execTimeoutMs' | 'foreignSchedule'>
}

/** The delivery side of a function of stack.yml; `schedule` beside `topic: cron-function` is OpenFaaS's own. */
export function functionSpec({ name, annotations, wiring }: Deployed, execTimeoutMs: number): FunctionSpec {
  return { name, ...wiring, foreignSchedule: annotations.schedule !== undefined, execTimeoutMs }
}
