/** When the clock starts a function, and by whose rule. */
export interface Schedule {
  /** Five fields, or a nickname such as `@daily`. */
  cron: string
  /** IANA name; the cron is read in it, on city time. */
  timezone: string
}

/** What calls a function beside HTTP clients. */
export interface Wiring {
  /** Topics delivered as slices (`city.junction.topics`). */
  topics: string[]
  /** The annotation `topic` of a foreign function: one CloudEvent a call. Undefined for Junction's own functions. */
  foreignTopic: string | undefined
  schedule: Schedule | undefined
  /** Most events of one call, 1..1000. */
  batch: number
  /** How long a call waits for a fuller slice. */
  lingerMs: number
  /** Where a new consumer starts. */
  from: 'earliest' | 'latest'
}

/** The bounds of a function's replicas. */
export interface Scale {
  min: number
  max: number
}

/** One function of stack.yml, its values verbatim beside what they mean. */
export interface StackFunction {
  name: string
  image: string
  /** The folder of its handler, as written. */
  handler: string
  environment: Record<string, string>
  secrets: string[]
  labels: Record<string, string>
  annotations: Record<string, string>
  constraints: string[]
  limits: Record<string, string> | undefined
  requests: Record<string, string> | undefined
  readOnlyRootFilesystem: boolean
  envProcess: string | undefined
  scale: Scale
  wiring: Wiring
}

/** A read stack.yml. */
export interface Stack {
  functions: StackFunction[]
}
