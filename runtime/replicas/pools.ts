import { rm } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { StackFunction } from '../stack/types.ts'
import type { Limits } from './machine.ts'
import { createReplicaPool, type ReplicaPool } from './pool.ts'

/** What all replicas of a stack share. */
export interface PoolsOptions {
  functions: StackFunction[]
  /** The folder that mirrors the repository with built functions: `dist`. */
  distDir: string
  /** The environment of a function beside what stack.yml gives it and its PORT. */
  env(definition: StackFunction): Record<string, string>
  /** From `makeSocketDir`; removed by `stop`. */
  socketDir: string
  logDir: string
  idleMs: number
  /** `exec_timeout` of a function in ms, which its environment may change. */
  execTimeoutMs(definition: StackFunction): number
  /** Further limits for tests. */
  limits?: Partial<Limits>
  /** One line for each start and end of a replica. */
  onChange(message: string): void
}

/** The replicas of every function of a stack. */
export interface ReplicaPools {
  get(name: string): ReplicaPool | undefined
  stop(): Promise<void>
}

const DEFAULT_CONCURRENCY = 400
/** The ladder of delays: handler < gateway < connector < drain < SIGTERM grace. */
const ANSWER_MARGIN_MS = 2_000
const GRACE_MS = 60_000

/** Makes one pool a function; nothing starts before its first call, unless a minimum of replicas is set. */
export const createReplicaPools = (options: PoolsOptions): ReplicaPools => {
  const pools = new Map<string, ReplicaPool>()
  for (const definition of options.functions) {
    const execTimeoutMs = options.execTimeoutMs(definition)
    const pool = createReplicaPool({
      name: definition.name,
      file: resolve(options.distDir, definition.handler, 'index.js'),
      nodeOptions: memoryOptions(definition.limits?.memory),
      env: { ...options.env(definition), ...definition.environment },
      limits: { ...limitsOf(definition, options.idleMs), ...options.limits },
      socketDir: options.socketDir,
      logDir: options.logDir,
      answerMs: execTimeoutMs + ANSWER_MARGIN_MS,
      graceMs: Math.max(GRACE_MS, execTimeoutMs + ANSWER_MARGIN_MS),
      onChange: options.onChange,
    })
    pools.set(definition.name, pool)
  }
  return {
    get: (name) => pools.get(name),
    stop: async () => {
      await Promise.all([...pools.values()].map((pool) => pool.stop()))
      await rm(options.socketDir, { recursive: true, force: true })
    },
  }
}

const limitsOf = ({ scale, environment }: StackFunction, idleMs: number): Limits => ({
  ...scale,
  concurrency: Number(environment.max_inflight) || DEFAULT_CONCURRENCY,
  idleMs,
  maxWaiting: 20_000,
  maxWaitMs: 30_000,
  startMs: 30_000,
  saturatedMs: 1_000,
  freeCrashes: 5,
  firstPauseMs: 1_000,
  maxPauseMs: 60_000,
})

const UNITS: Record<string, number> = { Mi: 1, Gi: 1024, M: 0.954, G: 954 }

/** Three quarters of the memory limit for the heap of JavaScript; the rest is for buffers and code. */
const memoryOptions = (memory: string | undefined): string[] => {
  const [, amount, unit = ''] = /^(\d+)(Mi|Gi|M|G)$/.exec(memory ?? '') ?? []
  return amount ? [`--max-old-space-size=${Math.floor(Number(amount) * (UNITS[unit] ?? 1) * 0.75)}`] : []
}
