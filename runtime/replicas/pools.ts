import { rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { followLoad } from '../scaling/followed-pool.ts'
import { keyOf } from '../stack/key.ts'
import type { StackFunction } from '../stack/types.ts'
import { type LogFile, openLogFile } from './log-file.ts'
import type { Limits } from './machine.ts'
import { createReplicaPool, type ReplicaPool } from './pool.ts'
import { limitsOf, loadRuleOf, memoryOptions } from './pool-options.ts'

/** What all replicas of a runtime share. */
export interface PoolsOptions {
  /** The folder that mirrors the repository with built functions, the watchdog among what is in `runtime`: `dist`. */
  distDir: string
  /** The environment of a function beside what its definition gives it and its PORT. */
  env(definition: StackFunction): Record<string, string>
  /** From `makeSocketDir`; removed by `stop`. */
  socketDir: string
  logDir: string
  idleMs: number
  /** `exec_timeout` of a function in ms, which its environment may change. */
  execTimeoutMs(definition: StackFunction): number
  /** Asynchronous calls that wait for the function of a key; undefined where nobody knows. */
  queueDepth?(key: string): number | undefined
  /** Further limits for tests. */
  limits?: Partial<Limits>
  /** One line for each start and end of a replica. */
  onChange(message: string): void
}

/** What came of a replacement; a superseded one was stopped for a newer one, or with everything. */
export type Outcome = { kind: 'serving' } | { kind: 'superseded' } | { kind: 'failed'; fault: string }

/** The replicas of every function, by its key. */
export interface ReplicaPools {
  /** What takes the calls of a function. */
  get(key: string): ReplicaPool | undefined
  /** Lets a function take calls from now on; nothing starts before the first, unless a minimum of replicas is set. */
  open(definition: StackFunction): void
  /**
   * Tries a definition beside the one that serves: the first ready replica takes the place over, and the old ones drain.
   * A newer replacement of the same function ends this one. What nobody served before takes calls at once.
   */
  replace(definition: StackFunction): Promise<Outcome>
  /** Says how many replicas a function is to have; said while a replacement is tried, it holds for that one, too. */
  ask(key: string, wish: Wish): void
  /** Takes a function away at once; resolves when its processes are gone. */
  remove(key: string): Promise<void>
  stop(): Promise<void>
}

type Wish = (pool: ReplicaPool) => void

interface Slot {
  serving: ReplicaPool
  candidate?: ReplicaPool | undefined
  /** What was asked while the candidate is being tried. */
  wish?: Wish | undefined
}

/** All pools of a function, also those that only drain, share its log. */
interface Living {
  log: LogFile
  pools: Set<ReplicaPool>
}

/** The ladder of delays: handler < gateway < connector < drain < SIGTERM grace. */
const ANSWER_MARGIN_MS = 2_000
const GRACE_MS = 60_000
/** How long a replaced replica may go on with an answer that was begun, such as a large download. */
const HOLD_MS = 600_000

/** Makes the pools of a runtime, at first without any function. */
export const createReplicaPools = (options: PoolsOptions): ReplicaPools => {
  const slots = new Map<string, Slot>()
  const living = new Map<string, Living>()
  let lastPool = 0
  let stopping = false

  const make = (definition: StackFunction): ReplicaPool => {
    const key = keyOf(definition)
    const execTimeoutMs = options.execTimeoutMs(definition)
    const { log, pools } = living.get(key) ?? { log: openLogFile(join(options.logDir, `${key}.log`)), pools: new Set() }
    living.set(key, { log, pools })
    const own = createReplicaPool({
      name: key,
      file: fileOf(options.distDir, definition),
      nodeOptions: memoryOptions(definition.limits?.memory),
      env: { ...options.env(definition), ...definition.environment },
      foreign: definition.program.kind === 'process',
      limits: { ...limitsOf(definition, options.idleMs), ...options.limits },
      probes: definition.probes,
      socketDir: options.socketDir,
      // Names may be longer than a socket's, and a function may have two pools at a time.
      socketName: `${key.slice(0, 12)}-${++lastPool}`,
      log,
      answerMs: execTimeoutMs + ANSWER_MARGIN_MS,
      graceMs: Math.max(GRACE_MS, execTimeoutMs + ANSWER_MARGIN_MS),
      holdMs: Math.max(HOLD_MS, execTimeoutMs + ANSWER_MARGIN_MS),
      onChange: options.onChange,
    })
    const rule = loadRuleOf(definition)
    const pool = rule ? followLoad(own, { ...rule, queueDepth: () => options.queueDepth?.(key) }) : own
    pools.add(pool)
    return pool
  }

  const retire = async (key: string, pool: ReplicaPool | undefined): Promise<void> => {
    if (!pool) return
    await pool.retire()
    const all = living.get(key)
    all?.pools.delete(pool)
    if (all?.pools.size === 0) living.delete(key)
  }

  const replace = async (definition: StackFunction): Promise<Outcome> => {
    if (stopping) return { kind: 'superseded' }
    const key = keyOf(definition)
    const next = make(definition)
    const slot: Slot = slots.get(key) ?? { serving: next }
    slots.set(key, slot)
    const { candidate } = slot
    slot.candidate = next
    if (candidate !== slot.serving) void retire(key, candidate)
    // It was the first and goes on: what was asked is no longer to wait for its trial.
    else slot.wish?.(candidate)
    const { ready, starting } = slot.serving.counts()
    const fault = await next.try(Math.max(1, ready + starting))
    if (slot.candidate !== next || stopping) return { kind: 'superseded' }
    const { wish } = slot
    slot.candidate = undefined
    slot.wish = undefined
    if (fault !== undefined) {
      if (slot.serving !== next) void retire(key, next)
      // Nobody else is there to answer: the next call tries again, no clock.
      else next.scale(0)
      return { kind: 'failed', fault }
    }
    const old = slot.serving
    slot.serving = next
    if (old !== next) void retire(key, old)
    wish?.(next)
    return { kind: 'serving' }
  }

  return {
    get: (key) => slots.get(key)?.serving,
    open: (definition) => void slots.set(keyOf(definition), { serving: make(definition) }),
    replace,
    ask: (key, wish) => {
      const slot = slots.get(key)
      if (!slot) return
      if (slot.candidate) slot.wish = wish
      if (slot.candidate !== slot.serving) wish(slot.serving)
    },
    remove: async (key) => {
      const slot = slots.get(key)
      slots.delete(key)
      if (!slot) return
      const { serving, candidate } = slot
      slot.candidate = undefined
      await Promise.all([retire(key, serving), ...(candidate === serving ? [] : [retire(key, candidate)])])
    },
    stop: async () => {
      stopping = true
      const all = [...living.values()].flatMap(({ pools }) => [...pools])
      await Promise.all(all.map((pool) => pool.stop()))
      await rm(options.socketDir, { recursive: true, force: true })
    },
  }
}

const fileOf = (distDir: string, { program }: StackFunction): string =>
  program.kind === 'built' ? resolve(distDir, program.folder, 'index.js') : resolve(distDir, 'runtime', 'watchdog.js')
