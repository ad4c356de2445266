import type { Logger } from 'pino'
import { type Gate, missing, openGate, permit, postpone, probeNow, reached, stopped, worldFailed } from './gate.ts'
import type { ConnectorMetrics } from './metrics.ts'
import { backoffMs } from './retry.ts'
import type { Source } from './source.ts'
import type { Time } from './types.ts'
import type { Verdict } from './verdict.ts'

/** Shares the calls a consumer may have in flight among its sources, behind one gate. */
export interface Consumer {
  readonly name: string
  readonly gate: Gate
  readonly inFlight: number
  add(source: Source): void
  /** Starts it no more; a run under way ends by itself. */
  remove(source: Source): void
  /** Whether a run that read meanwhile may still call: not once this consumer stops, or the source is another's. */
  mayCall(source: Source): boolean
  /** Starts what may start; answers when to look again at the latest (`Time.now`). */
  kick(): number
  /** What the latest answer, to a call for this source, says of the function as a whole. */
  report(verdict: Verdict, source: Source): void
  /** Probes a paused consumer at once. */
  resume(): void
  /** Starts nothing more; resolves when nothing is in flight. */
  stop(): Promise<void>
}

/** What a consumer needs beside its sources. */
export interface ConsumerOptions {
  name: string
  maxInFlight(): number
  time: Time
  log: Logger
  metrics: Pick<ConnectorMetrics, 'stops'>
}

/** What the connector itself could not do concerns all sources of a consumer alike: together they count up fast. */
const LONGEST_WAIT_MS = 5_000

/** Creates a consumer without sources. */
export function createConsumer({ name, maxInFlight, time, log, metrics }: ConsumerOptions): Consumer {
  const { stops } = metrics
  const sources: Source[] = []
  const running = new Map<Source, Promise<void>>()
  let gate = openGate()
  let stopping = false
  let probing: Source | undefined
  let alone: Source | undefined
  // Whose call stopped the consumer: an answer to any other proves nothing.
  let stoppedBy: Source | undefined
  let faults = 0
  // The source after the last one started comes first, so that none starves.
  let turn = 0

  function start(source: Source, probe: boolean): void {
    if (probe) probing = source
    if (source.suspect) alone = source
    const run = source.run(probe).then(
      () => {
        faults = 0
        if (probe) gate = afterProbe(source)
      },
      (error) => {
        const until = time.now() + Math.min(LONGEST_WAIT_MS, backoffMs(faults++, time.random()))
        source.postpone(until)
        // A probe heeds the gate alone, which has heard nothing of this one.
        if (probe) gate = postpone(gate, until)
        log.warn({ consumer: name, err: error }, `the connector could not work for ${name}, it tries on`)
      },
    )
    running.set(
      source,
      run.then(() => {
        running.delete(source)
        if (probe) probing = undefined
        if (alone === source) alone = undefined
        kick()
      }),
    )
  }

  /** A probe that called for nothing, as where the log has no such position, has told the gate nothing: it would be made again at once. */
  function afterProbe(source: Source): Gate {
    const [now, readyAt] = [time.now(), source.readyAt()]
    if (permit(gate, now) !== 'probe' || readyAt <= now || readyAt === Number.POSITIVE_INFINITY) return gate
    return postpone(gate, Math.min(readyAt, now + LONGEST_WAIT_MS))
  }

  function kick(): number {
    if (stopping || alone !== undefined) return Number.POSITIVE_INFINITY
    const now = time.now()
    const allowed = permit(gate, now)
    if (allowed === 'wait') return gate.pause?.probeAt ?? now
    if (allowed === 'probe' && probing !== undefined) return Number.POSITIVE_INFINITY
    let next = Number.POSITIVE_INFINITY
    const culprit = allowed === 'probe' && gate.pause?.kind === 'stop' ? stoppedBy : undefined
    if (culprit !== undefined && culprit.readyAt() !== Number.POSITIVE_INFINITY && !running.has(culprit)) {
      start(culprit, true)
      return next
    }
    const from = turn
    for (let i = 0; i < sources.length && running.size < Math.max(1, maxInFlight()); i++) {
      const at = (from + i) % sources.length
      const source = sources[at] as Source
      if (running.has(source)) continue
      const readyAt = source.readyAt()
      if (readyAt === Number.POSITIVE_INFINITY) continue
      if (readyAt > now && allowed === 'call') {
        next = Math.min(next, readyAt)
        continue
      }
      // The calls under way end by themselves, and then it is its turn.
      if (source.suspect && running.size > 0) break
      turn = at + 1
      start(source, allowed === 'probe')
      if (allowed === 'probe' || source.suspect) break
    }
    return next
  }

  function change(to: Gate): void {
    const before = gate.pause
    gate = to
    const after = gate.pause
    if (after !== undefined && after.kind !== before?.kind) {
      const what = { consumer: name, code: after.code, error: after.error }
      if (after.kind === 'stop') {
        stops.inc({ consumer: name, code: after.code })
        const mend = `mend it, then run \`junction resume ${name}\``
        log.error({ ...what, alarm: 'consumer_stopped' }, `${name} is stopped: ${after.error}; ${mend}`)
      } else
        log.warn({ ...what, alarm: 'consumer_paused' }, `${name} is paused until it can be reached: ${after.error}`)
    }
    if (before !== undefined && after === undefined) {
      stoppedBy = undefined
      log.info({ consumer: name, code: before.code }, `${name} goes on`)
      for (const source of sources) source.pardon()
    }
  }

  return {
    name,
    get gate() {
      return gate
    },
    get inFlight() {
      return running.size
    },
    add: (source) => {
      sources.push(source)
    },
    remove(source) {
      const at = sources.indexOf(source)
      if (at >= 0) sources.splice(at, 1)
      if (stoppedBy === source) stoppedBy = undefined
    },
    kick,
    report(verdict, source) {
      const now = time.now()
      if (verdict.kind === 'world') change(worldFailed(gate, now, verdict))
      else if (verdict.kind === 'stop') {
        stoppedBy = source
        change(stopped(gate, now, verdict))
      } else if (verdict.kind === 'missing') change(missing(gate, now, verdict))
      // Answers to calls that were under way when it stopped come later: only a probe ends a stop.
      else if (gate.pause?.kind !== 'stop' || probing === source) change(reached())
    },
    resume() {
      for (const source of sources) source.pardon()
      gate = probeNow(gate, time.now())
      kick()
    },
    mayCall: (source) => !stopping && sources.includes(source),
    async stop() {
      stopping = true
      await Promise.all(running.values())
    },
  }
}
