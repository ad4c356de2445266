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

/** How the number of replicas follows the load. */
export interface LoadRule {
  /** Calls a second, calls in flight, thousandths of a core, or asynchronous calls that wait. */
  type: 'rps' | 'capacity' | 'cpu' | 'queue'
  /** The load that one replica takes, and the part of it that is made use of. */
  target: number
  proportion: number
  /** Nothing goes that was recommended within this time. */
  downWindowMs: number
}

/** The bounds of a function's replicas. */
export interface Scale {
  /** Kept alive whatever the load. */
  min: number
  max: number
  /** How many a function that wakes has at least until it sleeps again; undefined = 1. */
  awake?: number
  /** Without calls for so long it sleeps; undefined = as the runtime says. */
  idleMs?: number
  /** Undefined = one more starts while calls fill all there are. */
  load?: LoadRule
  /** What an alert adds, in percent of the maximum; undefined = 20. */
  factor?: number
}

/** What is asked of a replica again and again, over HTTP; times in ms. */
export interface Probe {
  path: string
  initialDelayMs: number
  periodMs: number
  timeoutMs: number
  /** So many failures in a row make it fail, so many successes make it well again. */
  failureThreshold: number
  successThreshold: number
}

/** The probes a function asks for. */
export interface Probes {
  /** A replica that fails it is replaced. */
  live?: Probe
  /** A replica that fails it gets no calls. */
  ready?: Probe
}

/** What a replica runs: a function built here, by the folder of its handler, or any program behind the watchdog. */
export type Program = { kind: 'built'; folder: string } | { kind: 'process'; command: string }

/** One function of stack.yml or of the REST API, its values verbatim beside what they mean. */
export interface StackFunction {
  name: string
  namespace: string
  image: string
  program: Program
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
  /** Undefined = none beside that of its start. */
  probes?: Probes
  wiring: Wiring
}

/** A read stack.yml. */
export interface Stack {
  functions: StackFunction[]
}
