/** The bounds one function's replicas live in; times in ms of a monotonic clock. */
export interface Limits {
  min: number
  max: number
  /** Most calls one replica works on at once; streams do not count. */
  concurrency: number
  idleMs: number
  maxWaiting: number
  maxWaitMs: number
  /** A replica not ready after this long is killed. */
  startMs: number
  /** How long calls must fill all replicas before one more starts. */
  saturatedMs: number
  /** Crashes without an answer in between before the pauses begin, their first length and their longest. */
  freeCrashes: number
  firstPauseMs: number
  maxPauseMs: number
}

/** A living replica as the machine sees it; one that has stopped is forgotten. */
export interface Replica {
  readonly id: number
  phase: 'starting' | 'ready' | 'draining'
  /** When the phase began. */
  since: number
  /** Calls and streams. */
  inflight: number
  /** Calls alone. */
  load: number
  lastTouch: number
  /** Its end counts as a crash although it is no longer routed to. */
  doomed: boolean
}

export type Rejection = 'full' | 'timeout' | 'stopped'

/** What the owner of the processes must do, at once and in this order. */
export type Command =
  | { do: 'start'; replica: number }
  | { do: 'route'; call: number; replica: number }
  | { do: 'reject'; call: number; reason: Rejection }
  | { do: 'drain'; replica: number }
  | { do: 'kill'; replica: number }

export type RetireRule = (replica: Replica, now: number, idleMs: number) => boolean

/** Only a replica with nothing in flight, untouched for the idle time, may retire. */
const retireWhenIdle: RetireRule = (replica, now, idleMs) => replica.inflight === 0 && now - replica.lastTouch > idleMs

const NOTHING: Command[] = []

/**
 * The replicas of one function, cold → starting → ready → draining → stopped, without I/O or clock: each method is one
 * event and returns the commands that follow. Routing and retiring are decided in the same synchronous step, so no call
 * is ever routed to a replica that is being stopped.
 */
export const createMachine = (limits: Limits, mayRetire: RetireRule = retireWhenIdle) => {
  const replicas = new Map<number, Replica>()
  /** Calls to their deadlines, in order of arrival. */
  const waiting = new Map<number, number>()
  let lastId = 0
  /** In a row, and ever. */
  let crashes = 0
  let allCrashes = 0
  let pausedUntil = 0
  let saturatedSince: number | undefined
  /** Set by `scale`: replicas still to start, and those to stop as soon as they have nothing in flight. */
  let wanted = 0
  let surplus = 0
  let stopped = false

  const count = (phase: Replica['phase']): number => {
    let n = 0
    for (const replica of replicas.values()) if (replica.phase === phase) n++
    return n
  }

  /** Below half its limit the oldest takes every call, so that the others can become idle. */
  const pick = (): Replica | undefined => {
    let best: Replica | undefined
    for (const replica of replicas.values()) {
      if (replica.phase !== 'ready') continue
      if (replica.load * 2 < limits.concurrency) return replica
      if (replica.load < limits.concurrency && (!best || replica.load < best.load)) best = replica
    }
    return best
  }

  const route = (call: number, replica: Replica, now: number): Command => {
    replica.inflight++
    replica.load++
    replica.lastTouch = now
    return { do: 'route', call, replica: replica.id }
  }

  const drain = (replica: Replica, now: number): Command => {
    replica.phase = 'draining'
    replica.since = now
    return { do: 'drain', replica: replica.id }
  }

  const noteSaturation = (now: number): void => {
    let ready = false
    for (const replica of replicas.values()) {
      if (replica.phase !== 'ready') continue
      ready = true
      if (replica.load < limits.concurrency) {
        saturatedSince = undefined
        return
      }
    }
    saturatedSince = ready ? (saturatedSince ?? now) : undefined
  }

  /** Whether one more replica is called for, were it not for a start under way or a pause. */
  const needsStart = (now: number): boolean => {
    const ready = count('ready')
    if (stopped || ready >= limits.max) return false
    if (ready < limits.min || ready < wanted) return true
    if (ready === 0) return waiting.size > 0
    return saturatedSince !== undefined && now - saturatedSince >= limits.saturatedMs
  }

  /** Routes what waits, stops what is too many, starts what is missing. */
  const settle = (now: number): Command[] => {
    const commands: Command[] = []
    for (const call of waiting.keys()) {
      const replica = pick()
      if (!replica) break
      waiting.delete(call)
      commands.push(route(call, replica, now))
    }
    noteSaturation(now)
    for (const replica of replicas.values()) {
      if (surplus === 0) break
      if (replica.phase !== 'ready' || replica.inflight > 0) continue
      surplus--
      commands.push(drain(replica, now))
    }
    if (count('ready') >= wanted) wanted = 0
    if (needsStart(now) && count('starting') === 0 && now >= pausedUntil) {
      surplus = 0
      saturatedSince = undefined
      const id = ++lastId
      replicas.set(id, { id, phase: 'starting', since: now, inflight: 0, load: 0, lastTouch: now, doomed: false })
      commands.push({ do: 'start', replica: id })
    }
    return commands
  }

  const doom = (replica: Replica, now: number): Command => {
    replica.phase = 'draining'
    replica.since = now
    replica.doomed = true
    return { do: 'kill', replica: replica.id }
  }

  return {
    /** A call came in: it is routed now, waits, or is rejected. */
    request(call: number, now: number): Command[] {
      if (stopped) return [{ do: 'reject', call, reason: 'stopped' }]
      if (waiting.size === 0) {
        const replica = pick()
        if (replica) {
          const command = route(call, replica, now)
          if (replica.load >= limits.concurrency) noteSaturation(now)
          return [command]
        }
      }
      if (waiting.size >= limits.maxWaiting) return [{ do: 'reject', call, reason: 'full' }]
      waiting.set(call, now + limits.maxWaitMs)
      return settle(now)
    },
    /** The caller of a waiting call went away. */
    cancel(call: number): void {
      waiting.delete(call)
    },
    /** A call's answer has begun to stream: from here it holds no slot, but still keeps its replica. */
    streaming(id: number, now: number): Command[] {
      const replica = replicas.get(id)
      if (!replica) return NOTHING
      replica.load--
      replica.lastTouch = now
      if (waiting.size > 0) return settle(now)
      saturatedSince = undefined
      return NOTHING
    },
    /** A call ended; `streamed` = `streaming` was told before, `answered` = by the function, which ends a row of crashes. */
    done(id: number, streamed: boolean, answered: boolean, now: number): Command[] {
      if (answered) crashes = 0
      const replica = replicas.get(id)
      if (!replica) return NOTHING
      replica.inflight--
      if (!streamed) replica.load--
      replica.lastTouch = now
      if (waiting.size > 0 || surplus > 0) return settle(now)
      if (!streamed && replica.phase === 'ready') saturatedSince = undefined
      return NOTHING
    },
    ready(id: number, now: number): Command[] {
      const replica = replicas.get(id)
      if (replica?.phase !== 'starting') return NOTHING
      replica.phase = 'ready'
      replica.since = now
      replica.lastTouch = now
      return settle(now)
    },
    /** The process is gone. */
    exited(id: number, now: number): Command[] {
      const replica = replicas.get(id)
      if (!replica) return NOTHING
      replicas.delete(id)
      if (replica.phase !== 'draining' || replica.doomed) {
        crashes++
        allCrashes++
        const over = crashes - limits.freeCrashes
        if (over >= 0) pausedUntil = now + Math.min(limits.maxPauseMs, limits.firstPauseMs * 2 ** over)
      }
      return settle(now)
    },
    /** Its socket refused a connection: it takes no more calls; perhaps it only ends what it has in flight, told so from outside. */
    lost(id: number, now: number): Command[] {
      const replica = replicas.get(id)
      if (replica?.phase !== 'ready') return NOTHING
      replica.doomed = true
      return [drain(replica, now), ...settle(now)]
    },
    /** Time has passed: waits end, idle replicas retire, pauses are over. */
    tick(now: number): Command[] {
      const commands: Command[] = []
      for (const [call, deadline] of waiting) {
        if (deadline > now) break
        waiting.delete(call)
        commands.push({ do: 'reject', call, reason: 'timeout' })
      }
      let ready = count('ready')
      for (const replica of replicas.values()) {
        if (replica.phase === 'starting' && now - replica.since >= limits.startMs) commands.push(doom(replica, now))
        if (replica.phase === 'ready' && ready > limits.min && mayRetire(replica, now, limits.idleMs)) {
          ready--
          commands.push(drain(replica, now))
        }
      }
      commands.push(...settle(now))
      return commands
    },
    /** An operator's wish for so many replicas now; from there load and idle time rule again. */
    scale(replicasWanted: number, now: number): Command[] {
      const target = Math.max(limits.min, Math.min(limits.max, replicasWanted))
      const alive = count('ready') + count('starting')
      wanted = target > alive ? target : 0
      surplus = Math.max(0, alive - target)
      return settle(now)
    },
    /** The end: every replica is told to drain what it has in flight, nothing new is taken. */
    stop(now: number): Command[] {
      stopped = true
      const commands: Command[] = []
      for (const call of waiting.keys()) commands.push({ do: 'reject', call, reason: 'stopped' })
      waiting.clear()
      for (const replica of replicas.values()) if (replica.phase !== 'draining') commands.push(drain(replica, now))
      return commands
    },
    /** When `tick` next has something to do; undefined while only other events can matter. */
    due(now: number): number | undefined {
      let due = Number.POSITIVE_INFINITY
      for (const deadline of waiting.values()) {
        due = deadline
        break
      }
      const ready = count('ready')
      let starting = false
      for (const replica of replicas.values()) {
        if (replica.phase === 'starting') {
          starting = true
          due = Math.min(due, replica.since + limits.startMs)
        } else if (replica.phase === 'ready' && replica.inflight === 0 && ready > limits.min) {
          due = Math.min(due, replica.lastTouch + limits.idleMs + 1)
        }
      }
      if (!starting && needsStart(now)) due = Math.min(due, pausedUntil)
      if (!starting && saturatedSince !== undefined && ready < limits.max) {
        due = Math.min(due, Math.max(saturatedSince + limits.saturatedMs, pausedUntil))
      }
      return due === Number.POSITIVE_INFINITY ? undefined : due
    },
    view: () => ({
      replicas: [...replicas.values()] as readonly Readonly<Replica>[],
      waiting: waiting.size,
      crashes,
      allCrashes,
    }),
  }
}
