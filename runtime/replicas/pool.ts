import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Pool } from 'undici'
import { startProber } from '../probes/prober.ts'
import type { Probes } from '../stack/types.ts'
import { type Cancellation, CancelledError } from './cancellation.ts'
import { countsOf, type ReplicaCounts } from './counts.ts'
import { NoReplicaError, ReplacedError, refusals } from './errors.ts'
import type { Lease } from './lease.ts'
import { letGo } from './let-go.ts'
import type { LogFile } from './log-file.ts'
import { type Command, createMachine, type Limits } from './machine.ts'
import { type ReplicaProcess, startProcess } from './process.ts'
import { createTrial, type Trial } from './trial.ts'

/** One function as its pool of replicas needs it. */
export interface PoolOptions {
  name: string
  /** The built function. */
  file: string
  nodeOptions: string[]
  env: Record<string, string>
  /** What runs is a program that is none of Junction's. */
  foreign: boolean
  limits: Limits
  probes: Probes | undefined
  /** A private folder for the sockets of all functions, and how this pool's begin there: no other's do so. */
  socketDir: string
  socketName: string
  log: LogFile
  /** Longest wait for the head of an answer. */
  answerMs: number
  /** Time from SIGTERM to SIGKILL. */
  graceMs: number
  /** Longest wait for what is in flight before the SIGTERM of a pool that was replaced. */
  holdMs: number
  onChange(message: string): void
}

/** The replicas of one function. */
export interface ReplicaPool {
  /** What runs is a program that is none of Junction's. */
  foreign: boolean
  /** A replica for one call, started when there is none; throws NoReplicaError, CancelledError when cancelled. */
  acquire(cancellation: Cancellation): Promise<Lease>
  scale(replicas: number): void
  /** So many are right for the load, until told otherwise or all have been idle. */
  recommend(replicas: number): void
  /** Starts so many replicas; resolves with nothing once one is ready, else with why none is to be expected. */
  try(replicas: number): Promise<string | undefined>
  /** Beside the counts: starts while no other replica was ready, and how long the newest took. */
  counts(): ReplicaCounts & { coldStarts: number; lastColdStartMs: number | null }
  pids(): number[]
  /**
   * Gives its place to another pool: waiting calls are turned away with ReplacedError, each replica is told to end when
   * its calls are answered; what streams ends with it. Resolves when all processes are gone.
   */
  retire(): Promise<void>
  /** Drains every replica; resolves when all processes are gone. */
  stop(): Promise<void>
}

interface Waiter {
  resolve(lease: Lease): void
  reject(error: Error): void
}

interface Living {
  process: ReplicaProcess
  socketPath: string
  client: Pool
  ready: boolean
  probing?: { stop(): void }
  /** Calls in flight, without streams. */
  calls: number
  /** Told to end once those are answered. */
  ending: boolean
}

/** Wires the state machine of a function to real processes, sockets and time. */
export const createReplicaPool = (options: PoolOptions): ReplicaPool => {
  const { name, limits } = options
  const machine = createMachine(limits)
  const replicas = new Map<number, Living>()
  const waiters = new Map<number, Waiter>()
  let lastCall = 0
  let coldStarts = 0
  let lastColdStartMs: number | null = null
  let timer: NodeJS.Timeout | undefined
  let timerAt = Number.POSITIVE_INFINITY
  let allGone: (() => void) | undefined
  let stopped: Promise<void> | undefined
  let replaced = false
  let holdTimer: NodeJS.Timeout | undefined
  let trial: Trial | undefined

  const obey = (commands: Command[]): void => {
    for (const command of commands) {
      if (command.do === 'start') start(command.replica)
      else if (command.do === 'route') settle(command.call)?.resolve(lease(command.replica))
      else if (command.do === 'reject') settle(command.call)?.reject(rejection(command.reason))
      else if (command.do === 'drain') drain(replicas.get(command.replica))
      else {
        trial?.late()
        replicas.get(command.replica)?.process.kill()
      }
    }
    arm()
  }

  const rejection = (reason: keyof typeof refusals): Error =>
    replaced && reason === 'stopped' ? new ReplacedError() : new NoReplicaError(refusals[reason](name))

  const drain = (replica: Living | undefined): void => {
    if (!replica) return
    replica.probing?.stop()
    if (!replica.ready) replica.process.kill()
    else if (replaced && replica.calls > 0) replica.ending = true
    else replica.process.stop()
  }

  const settle = (call: number): Waiter | undefined => {
    const waiter = waiters.get(call)
    waiters.delete(call)
    return waiter
  }

  /** One timer at most, and none while only other events can matter: an idle function costs nothing. */
  const arm = (): void => {
    const due = machine.due(performance.now()) ?? Number.POSITIVE_INFINITY
    if (due >= timerAt || due === Number.POSITIVE_INFINITY) return
    clearTimeout(timer)
    timerAt = due
    timer = setTimeout(tick, Math.max(1, due - performance.now()))
  }
  const tick = (): void => {
    timerAt = Number.POSITIVE_INFINITY
    obey(machine.tick(performance.now()))
  }

  const start = (id: number): void => {
    const socketPath = join(options.socketDir, `${options.socketName}-${id}`)
    const began = performance.now()
    const cold = !machine.view().replicas.some(({ phase }) => phase === 'ready')
    if (cold) coldStarts++
    const process = startProcess({
      ...{ file: options.file, nodeOptions: options.nodeOptions, env: options.env, socketPath, log: options.log },
      graceMs: options.graceMs,
      onReady: () => {
        const took = Math.round(performance.now() - began)
        if (cold) lastColdStartMs = took
        options.onChange(`${name}: replica ${id} ready after ${took} ms`)
        const replica = replicas.get(id)
        if (!replica) return
        replica.ready = true
        if (options.probes) replica.probing = probe(id, socketPath, options.probes)
        if (!options.probes?.ready) serve(id)
        else obey(machine.unready(id, performance.now()))
      },
      onExit: (reason) => {
        options.onChange(`${name}: replica ${id} ended (${reason})`)
        const replica = replicas.get(id)
        replicas.delete(id)
        replica?.probing?.stop()
        if (replica) void letGo(replica.client)
        trial?.ended(reason)
        obey(machine.exited(id, performance.now()))
        if (replicas.size === 0) allGone?.()
      },
    })
    const client = new Pool('http://function', {
      socketPath,
      // As many connections as calls: the machine bounds those.
      connections: null,
      pipelining: 1,
      headersTimeout: options.answerMs,
      bodyTimeout: 0,
    })
    replicas.set(id, { process, socketPath, client, ready: false, calls: 0, ending: false })
  }

  const serve = (id: number): void => {
    trial?.ready()
    obey(machine.ready(id, performance.now()))
  }

  const probe = (id: number, socketPath: string, probes: Probes) => {
    const say = (what: string) => options.onChange(`${name}: replica ${id} ${what}`)
    return startProber({
      ...{ probes, socketPath },
      onReady: () => {
        say('passes its readiness probe')
        serve(id)
      },
      onUnready: (why) => {
        say(`gets no calls: ${why}`)
        trial?.unready(why)
        obey(machine.unready(id, performance.now()))
      },
      onDead: (why) => {
        say(`is replaced: ${why}`)
        obey(machine.failed(id, performance.now()))
      },
    })
  }

  const lease = (id: number): Lease => {
    let streamed = false
    let over = false
    const replica = replicas.get(id) as Living
    replica.calls++
    const answered = () => {
      replica.calls--
      if (replica.ending && replica.calls === 0) replica.process.stop()
    }
    return {
      replica: id,
      client: replica.client,
      gone: () => !existsSync(replica.socketPath),
      streaming: () => {
        if (streamed || over) return
        streamed = true
        answered()
        obey(machine.streaming(id, performance.now()))
      },
      release: (whole) => {
        if (over) return
        over = true
        if (!streamed) answered()
        obey(machine.done(id, streamed, whole, performance.now()))
      },
      lost: () => obey(machine.lost(id, performance.now())),
    }
  }

  const end = async (): Promise<void> => {
    const gone = new Promise<void>((done) => {
      allGone = done
    })
    obey(machine.stop(performance.now()))
    clearTimeout(timer)
    timerAt = Number.NEGATIVE_INFINITY
    trial?.stopped()
    if (replicas.size > 0) await gone
    clearTimeout(holdTimer)
    await options.log.flushed()
  }

  const endHeld = (): void => {
    for (const replica of replicas.values()) if (replica.ending) replica.process.stop()
  }

  obey(machine.tick(performance.now()))
  return {
    foreign: options.foreign,
    acquire: (cancellation) =>
      new Promise((resolve, reject) => {
        const call = ++lastCall
        waiters.set(call, { resolve, reject })
        obey(machine.request(call, performance.now()))
        if (!waiters.has(call)) return
        cancellation.onCancel = () => {
          machine.cancel(call)
          settle(call)?.reject(new CancelledError())
        }
      }),
    scale: (count) => obey(machine.scale(count, performance.now())),
    recommend: (count) => obey(machine.recommend(count, performance.now())),
    try: (count) => {
      trial = createTrial(limits.startMs)
      obey(machine.scale(Math.max(count, limits.awake ?? 1), performance.now()))
      return trial.outcome.finally(() => {
        trial = undefined
      })
    },
    counts: () => ({ ...countsOf(machine.view()), coldStarts, lastColdStartMs }),
    pids: () => [...replicas.values()].flatMap(({ process }) => process.pid ?? []),
    retire: () => {
      if (stopped === undefined) {
        replaced = true
        holdTimer = setTimeout(endHeld, options.holdMs)
        stopped = end()
      }
      return stopped
    },
    stop: () => {
      stopped ??= end()
      endHeld()
      return stopped
    },
  }
}
