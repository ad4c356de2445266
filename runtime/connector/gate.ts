/** Why no ordinary call of a consumer is made: its world is down (breaker), or somebody has to act (stop). */
interface Pause {
  kind: 'breaker' | 'stop'
  code: string
  error: string
  /** Milliseconds of `Time.now`. */
  since: number
  probeAt: number
}

/** What stands between a consumer and its next call. */
export interface Gate {
  /** World failures in a row. */
  failures: number
  missingSince: number | undefined
  pause: Pause | undefined
}

interface Fault {
  code: string
  error: string
  retryAfterMs?: number | undefined
}

const OPEN_AFTER = 5
const BREAKER_PROBE_MS = 5_000
const STOP_PROBE_MS = 30_000
const MISSING_GRACE_MS = 30_000
const LONGEST_RETRY_AFTER_MS = 60_000

/** A gate that lets everything pass. */
export const openGate = (): Gate => ({ failures: 0, missingSince: undefined, pause: undefined })

/** Whether a call may be made now, and whether it is one probe of a paused consumer. */
export function permit(gate: Gate, now: number): 'call' | 'probe' | 'wait' {
  if (gate.pause === undefined) return 'call'
  return now >= gate.pause.probeAt ? 'probe' : 'wait'
}

/** A failure of the world: the fifth in a row opens the breaker; while open it puts off the next probe. */
export function worldFailed(gate: Gate, now: number, fault: Fault): Gate {
  const failures = gate.failures + 1
  if (gate.pause?.kind === 'stop') return postpone({ ...gate, failures }, now + STOP_PROBE_MS)
  if (failures < OPEN_AFTER) return { ...gate, failures }
  const wait = Math.max(BREAKER_PROBE_MS, Math.min(fault.retryAfterMs ?? 0, LONGEST_RETRY_AFTER_MS))
  const since = gate.pause?.since ?? now
  return {
    ...gate,
    failures,
    pause: { kind: 'breaker', code: fault.code, error: fault.error, since, probeAt: now + wait },
  }
}

/** Refused credentials or a configuration fault: nothing more is sent but a probe every 30 s. */
export function stopped(gate: Gate, now: number, fault: Fault): Gate {
  const since = gate.pause?.kind === 'stop' ? gate.pause.since : now
  return {
    ...gate,
    pause: { kind: 'stop', code: fault.code, error: fault.error, since, probeAt: now + STOP_PROBE_MS },
  }
}

/** The function is not there: perhaps a deploy is going on, so it stops the consumer only after 30 s. */
export function missing(gate: Gate, now: number, fault: Fault): Gate {
  const missingSince = gate.missingSince ?? now
  if (gate.pause?.kind === 'stop' || now - missingSince >= MISSING_GRACE_MS) {
    return stopped({ ...gate, missingSince }, now, fault)
  }
  return postpone({ ...gate, missingSince }, now + BREAKER_PROBE_MS)
}

/** The function answered: whatever it said of an event, its world is well. */
export const reached = (): Gate => openGate()

/** Brings the next probe forward to now. */
export const probeNow = (gate: Gate, now: number): Gate => postpone(gate, now)

/** Puts the next probe at `probeAt`; a gate that is open stays so. */
export const postpone = (gate: Gate, probeAt: number): Gate =>
  gate.pause === undefined ? gate : { ...gate, pause: { ...gate.pause, probeAt } }
