import { join } from 'node:path'
import { Pool } from 'undici'
import { type Cancellation, CancelledError } from './cancellation.ts'
import { NoReplicaError, type Refusal } from './errors.ts'
import { openLogFile } from './log-file.ts'
import { type Command, createMachine, type Limits, type Rejection } from './machine.ts'
import { type ReplicaProcess, startProcess } from './process.ts'

/** One function as its pool of replicas needs it. */
export interface PoolOptions {
  name: string
  /** The built function. */
  file: string
  nodeOptions: string[]
  env: Record<string, string>
  limits: Limits
  /** A private folder for the sockets of all functions. */
  socketDir: string
  logDir: string
  /** Longest wait for the head of an answer. */
  answerMs: number
  /** Time from SIGTERM to SIGKILL. */
  graceMs: number
  onChange(message: string): void
}

/** A call's hold on a replica: its first `release` ends it. */
export interface Lease {
  replica: number
  client: Pool
  /** The answer has become a stream: it no longer counts as load. */
  streaming(): void
  /** `answered` = the function gave a whole answer. */
  release(answered: boolean): void
  /** The replica took no connection: no more calls are routed to it. */
  lost(): void
}

interface ReplicaCounts {
  starting: number
  ready: number
  draining: number
  inflight: number
  waiting: number
  /** Crashes since the last answer, and ever. */
  crashes: number
  allCrashes: number
  /** Starts while no other replica was ready, and how long the newest took. */
  coldStarts: number
  lastColdStartMs: number | null
}

/** The replicas of one function. */
export interface ReplicaPool {
  /** A replica for one call, started when there is none; throws NoReplicaError, CancelledError when cancelled. */
  acquire(cancellation: Cancellation): Promise<Lease>
  scale(replicas: number): void
  counts(): ReplicaCounts
  pids(): number[]
  /** Drains every replica; resolves when all processes are gone. */
  stop(): Promise<void>
}

interface Waiter {
  resolve(lease: Lease): void
  reject(error: Error): void
}

/** Wires the state machine of a function to real processes, sockets and time. */
export const createReplicaPool = (options: PoolOptions): ReplicaPool => {
  const { name, limits } = options
  const machine = createMachine(limits)
  const log = openLogFile(join(options.logDir, `${name}.log`))
  const replicas = new Map<number, { process: ReplicaProcess; client: Pool }>()
  const waiters = new Map<number, Waiter>()
  let lastCall = 0
  let coldStarts = 0
  let lastColdStartMs: number | null = null
  let timer: NodeJS.Timeout | undefined
  let timerAt = Number.POSITIVE_INFINITY
  let allGone: (() => void) | undefined
  let stopped: Promise<void> | undefined

  const obey = (commands: Command[]): void => {
    for (const command of commands) {
      if (command.do === 'start') start(command.replica)
      else if (command.do === 'route') settle(command.call)?.resolve(lease(command.replica))
      else if (command.do === 'reject') settle(command.call)?.reject(new NoReplicaError(refusals[command.reason](name)))
      else if (command.do === 'drain') replicas.get(command.replica)?.process.stop()
      else replicas.get(command.replica)?.process.kill()
    }
    arm()
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
    const socketPath = join(options.socketDir, `${name.slice(0, 20)}-${id}`)
    const began = performance.now()
    const cold = !machine.view().replicas.some(({ phase }) => phase === 'ready')
    if (cold) coldStarts++
    const process = startProcess({
      ...{ file: options.file, nodeOptions: options.nodeOptions, env: options.env, socketPath, log },
      graceMs: options.graceMs,
      onReady: () => {
        const took = Math.round(performance.now() - began)
        if (cold) lastColdStartMs = took
        options.onChange(`${name}: replica ${id} ready after ${took} ms`)
        obey(machine.ready(id, performance.now()))
      },
      onExit: (reason) => {
        options.onChange(`${name}: replica ${id} ended (${reason})`)
        const client = replicas.get(id)?.client
        replicas.delete(id)
        void client?.destroy()
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
    replicas.set(id, { process, client })
  }

  const lease = (id: number): Lease => {
    let streamed = false
    let over = false
    return {
      replica: id,
      client: (replicas.get(id) as { client: Pool }).client,
      streaming: () => {
        if (streamed || over) return
        streamed = true
        obey(machine.streaming(id, performance.now()))
      },
      release: (answered) => {
        if (over) return
        over = true
        obey(machine.done(id, streamed, answered, performance.now()))
      },
      lost: () => obey(machine.lost(id, performance.now())),
    }
  }

  const stop = async (): Promise<void> => {
    const gone = new Promise<void>((done) => {
      allGone = done
    })
    obey(machine.stop(performance.now()))
    clearTimeout(timer)
    timerAt = Number.NEGATIVE_INFINITY
    if (replicas.size > 0) await gone
    await log.flushed()
  }

  obey(machine.tick(performance.now()))
  return {
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
    counts: () => {
      const { replicas: seen, waiting, crashes, allCrashes } = machine.view()
      const of = (phase: string) => seen.filter((replica) => replica.phase === phase).length
      const inflight = seen.reduce((sum, replica) => sum + replica.inflight, 0)
      const phases = { starting: of('starting'), ready: of('ready'), draining: of('draining') }
      return { ...phases, inflight, waiting, crashes, allCrashes, coldStarts, lastColdStartMs }
    },
    pids: () => [...replicas.values()].flatMap(({ process }) => process.pid ?? []),
    stop: () => {
      stopped ??= stop()
      return stopped
    },
  }
}

const refusals: Record<Rejection, (name: string) => Refusal> = {
  full: (name) => ({
    status: 429,
    title: 'Too many calls are waiting',
    detail: `too many calls already wait for a replica of ${name}`,
    retryable: true,
    retryAfterSeconds: 1,
  }),
  timeout: (name) => ({
    status: 504,
    title: 'No replica in time',
    detail: `no replica of ${name} could take the call in time: its log says why it does not get ready`,
    retryable: true,
  }),
  stopped: (name) => ({
    status: 502,
    title: 'Stopping',
    detail: `the runtime is stopping and starts no replica of ${name}`,
    retryable: true,
  }),
}
