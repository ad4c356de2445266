import { createCrowd, type Replica } from './machine-crowd.ts'
import { idleDue, isEveryOneIdle, type RetireRule, retireWhenIdle } from './machine-retire.ts'
import type { Command, Limits } from './machine-types.ts'

export type { RetireRule } from './machine-retire.ts'
export type { Command, Limits, Rejection } from './machine-types.ts'

const NOTHING: Command[] = []
/** Starts under way at once where a recommendation asks for several: each takes a processor while it lasts. */
const PARALLEL_STARTS = 4

/**
 * The replicas of one function, cold → starting → ready ⇄ unready → draining → stopped, without I/O or clock: each method
 * is one event and returns the commands that follow. Routing and retiring are decided in the same synchronous step, so no
 * call is ever routed to a replica that is being stopped.
 */
export const createMachine = (limits: Limits, mayRetire: RetireRule = retireWhenIdle) => {
  const crowd = createCrowd(limits.concurrency)
  const awake = Math.min(limits.max, limits.awake ?? 1)
  /** Calls to their deadlines, in order of arrival. */
  const waiting = new Map<number, number>()
  /** In a row, and ever. */
  let crashes = 0
  let allCrashes = 0
  let pausedUntil = 0
  let saturatedSince: number | undefined
  let lastCall = Number.NEGATIVE_INFINITY
  /** Replicas still to start once, and those to stop as soon as they have nothing in flight. */
  let wanted = 0
  let surplus = 0
  /** How many the function has while it is awake: as many as it wakes to, or as are recommended. */
  let floor = 0
  let recommended: number | undefined
  let stopped = false

  const route = (call: number, replica: Replica, now: number): Command => {
    replica.inflight++
    replica.load++
    replica.lastTouch = now
    lastCall = now
    return { do: 'route', call, replica: replica.id }
  }

  /** Asleep: the next call finds a function of which nobody has said anything. */
  const forget = (): void => {
    floor = 0
    recommended = undefined
  }

  const become = (replica: Replica, phase: Replica['phase'], now: number): void => {
    replica.phase = phase
    replica.since = now
  }

  const drain = (replica: Replica, now: number): Command => {
    become(replica, 'draining', now)
    return { do: 'drain', replica: replica.id }
  }

  const noteSaturation = (now: number): void => {
    saturatedSince = crowd.isFull() ? (saturatedSince ?? now) : undefined
  }

  /** Whether one more replica is called for, were it not for the starts under way or a pause. */
  const needsStart = (now: number): boolean => {
    const starting = crowd.count('starting')
    const serving = crowd.serving()
    const alive = serving + starting
    if (stopped || alive >= limits.max) return false
    if (alive < Math.max(limits.min, wanted, alive > 0 ? floor : 0)) return true
    if (starting > 0) return false
    if (serving === 0) return waiting.size > 0
    return recommended === undefined && saturatedSince !== undefined && now - saturatedSince >= limits.saturatedMs
  }

  const mayStart = () => crowd.count('starting') < (recommended === undefined ? 1 : PARALLEL_STARTS)

  const start = (now: number): Command => {
    if (crowd.serving() + crowd.count('starting') === 0 && recommended === undefined) floor = Math.max(floor, awake)
    surplus = 0
    saturatedSince = undefined
    return { do: 'start', replica: crowd.add(now).id }
  }

  /** Stops what was asked away by hand, and whatever is beyond the recommended ones, once it has nothing in flight. */
  const trim = (now: number, commands: Command[]): void => {
    let excess = recommended === undefined ? 0 : crowd.serving() - recommended
    let ready = 0
    for (const replica of crowd.values()) {
      if (replica.phase !== 'ready' && replica.phase !== 'unready') continue
      if (replica.phase === 'ready') ready++
      const beyond = excess > 0 && (replica.phase === 'unready' || ready > (recommended ?? 0))
      if ((!beyond && surplus === 0) || replica.inflight > 0) continue
      if (beyond) excess--
      else surplus--
      commands.push(drain(replica, now))
    }
  }

  /** Routes what waits, stops what is too many, starts what is missing. */
  const settle = (now: number): Command[] => {
    const commands: Command[] = []
    for (const call of waiting.keys()) {
      const replica = crowd.pick(recommended)
      if (!replica) break
      waiting.delete(call)
      commands.push(route(call, replica, now))
    }
    noteSaturation(now)
    if (surplus > 0 || recommended !== undefined) trim(now, commands)
    if (crowd.serving() >= wanted) wanted = 0
    while (needsStart(now) && mayStart() && now >= pausedUntil) commands.push(start(now))
    return commands
  }

  const doom = (replica: Replica, now: number): Command => {
    become(replica, 'draining', now)
    replica.doomed = true
    return { do: 'kill', replica: replica.id }
  }

  return {
    /** A call came in: it is routed now, waits, or is rejected. */
    request(call: number, now: number): Command[] {
      if (stopped) return [{ do: 'reject', call, reason: 'stopped' }]
      if (waiting.size === 0) {
        const replica = crowd.pick(recommended)
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
      const replica = crowd.get(id)
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
      const replica = crowd.get(id)
      if (!replica) return NOTHING
      replica.inflight--
      if (!streamed) replica.load--
      replica.lastTouch = now
      if (waiting.size > 0 || surplus > 0 || crowd.serving() > (recommended ?? limits.max)) return settle(now)
      if (!streamed && replica.phase === 'ready') saturatedSince = undefined
      return NOTHING
    },
    ready(id: number, now: number): Command[] {
      const replica = crowd.get(id)
      if (replica?.phase !== 'starting' && replica?.phase !== 'unready') return NOTHING
      become(replica, 'ready', now)
      replica.lastTouch = now
      return settle(now)
    },
    /** It runs, but says that it takes no new calls until `ready`; what it has in flight goes on. */
    unready(id: number, now: number): Command[] {
      const replica = crowd.get(id)
      if (replica?.phase !== 'starting' && replica?.phase !== 'ready') return NOTHING
      become(replica, 'unready', now)
      return settle(now)
    },
    /** It does not do its work any more: it ends what it has in flight and goes; another takes its place while there are calls. */
    failed(id: number, now: number): Command[] {
      const replica = crowd.get(id)
      if (!replica || replica.phase === 'draining') return NOTHING
      if (now - lastCall <= limits.idleMs) wanted = Math.max(wanted, crowd.serving() + crowd.count('starting'))
      replica.doomed = true
      return [drain(replica, now), ...settle(now)]
    },
    /** The process is gone. */
    exited(id: number, now: number): Command[] {
      const replica = crowd.get(id)
      if (!replica) return NOTHING
      crowd.delete(id)
      if (replica.phase !== 'draining' || replica.doomed) {
        crashes++
        allCrashes++
        const over = crashes - limits.freeCrashes
        if (over >= 0) pausedUntil = now + Math.min(limits.maxPauseMs, limits.firstPauseMs * 2 ** over)
      }
      if (crowd.serving() + crowd.count('starting') + waiting.size === 0) forget()
      return settle(now)
    },
    /** Its socket refused a connection: it takes no more calls; perhaps it only ends what it has in flight, told so from outside. */
    lost(id: number, now: number): Command[] {
      const replica = crowd.get(id)
      if (replica?.phase !== 'ready' && replica?.phase !== 'unready') return NOTHING
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
      const asleep = isEveryOneIdle(crowd, mayRetire, now, limits.idleMs)
      const keep = asleep ? limits.min : Math.max(limits.min, floor)
      let serving = crowd.serving()
      for (const replica of crowd.values()) {
        if (replica.phase === 'starting' && now - replica.since >= limits.startMs) commands.push(doom(replica, now))
        if (replica.phase !== 'ready' && replica.phase !== 'unready') continue
        if (serving > keep && mayRetire(replica, now, limits.idleMs)) {
          serving--
          commands.push(drain(replica, now))
        }
      }
      if (asleep) forget()
      commands.push(...settle(now))
      return commands
    },
    /** An operator's wish for so many replicas now; from there load and idle time rule again. */
    scale(replicasWanted: number, now: number): Command[] {
      const target = Math.max(limits.min, Math.min(limits.max, replicasWanted))
      const alive = crowd.serving() + crowd.count('starting')
      recommended = undefined
      floor = Math.min(awake, target)
      wanted = target > alive ? target : 0
      surplus = Math.max(0, alive - target)
      return settle(now)
    },
    /**
     * So many replicas are right for the load, until told otherwise or all have been idle: missing ones start side by side,
     * those beyond get no calls and go once they have nothing in flight. Zero is for the idle time alone.
     */
    recommend(replicas: number, now: number): Command[] {
      const target = Math.max(1, limits.min, Math.min(limits.max, replicas))
      if (crowd.serving() + crowd.count('starting') === 0) wanted = target
      surplus = 0
      floor = target
      recommended = target
      return settle(now)
    },
    /** The end: every replica is told to drain what it has in flight, nothing new is taken. */
    stop(now: number): Command[] {
      stopped = true
      const commands: Command[] = []
      for (const call of waiting.keys()) commands.push({ do: 'reject', call, reason: 'stopped' })
      waiting.clear()
      for (const replica of crowd.values()) if (replica.phase !== 'draining') commands.push(drain(replica, now))
      return commands
    },
    /** When `tick` next has something to do; undefined while only other events can matter. */
    due(now: number): number | undefined {
      let due = idleDue(crowd, limits, floor)
      for (const deadline of waiting.values()) {
        due = Math.min(due, deadline)
        break
      }
      for (const { phase, since } of crowd.values()) {
        if (phase === 'starting') due = Math.min(due, since + limits.startMs)
      }
      if (mayStart()) {
        if (needsStart(now)) due = Math.min(due, pausedUntil)
        else if (saturatedSince !== undefined && recommended === undefined && crowd.serving() < limits.max) {
          due = Math.min(due, Math.max(saturatedSince + limits.saturatedMs, pausedUntil))
        }
      }
      return due === Number.POSITIVE_INFINITY ? undefined : due
    },
    view: () => ({
      replicas: [...crowd.values()] as readonly Readonly<Replica>[],
      waiting: waiting.size,
      crashes,
      allCrashes,
    }),
  }
}
