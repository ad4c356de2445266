import type { Logger } from 'pino'
import type { Assignment, LogEvent } from '#shared/bus/port.ts'
import type { PartitionStatus } from '#shared/contracts/runtime-status.ts'
import { ageTracker } from './age.ts'
import { type Delivered, type Delivery, MAX_BODY } from './delivery.ts'
import type { ConnectorMetrics } from './metrics.ts'
import type { Place, Position, Positions } from './positions.ts'
import { attemptNumber, type Burial, freshProgress, judge, moved, sliceSize } from './progress.ts'
import { type ReadAhead, readAhead } from './read-ahead.ts'
import { backoffMs } from './retry.ts'
import type { Source } from './source.ts'
import type { FunctionSpec, Time } from './types.ts'
import type { Sent, Verdict } from './verdict.ts'

/** Carries the events of one partition to one consumer, one call at a time. */
export interface Lane extends Source {
  /** The end of the partition, as last seen; true if it moved. */
  seen(end: bigint): boolean
  /** The position as it lies in the table: somebody else may have moved it while there was nothing to do here. */
  stored(next: bigint): void
  /** Why nothing of this partition can be delivered until somebody acts, and since when (`Time.now`). */
  readonly halt: Halt | undefined
  status(): PartitionStatus
}

/** A position that the log cannot serve. */
export interface Halt {
  code: 'position_out_of_range'
  error: string
  since: number
}

/** What a lane needs. */
export interface LaneOptions {
  spec: FunctionSpec
  place: Place
  read: Assignment['read']
  passed: NonNullable<Assignment['passed']>
  positions: Positions
  delivery: Delivery
  /** Asked after each reading, which takes its time. */
  mayCall(): boolean
  report(verdict: Verdict): void
  metrics: ConnectorMetrics
  time: Time
  log: Logger
}

// The day a position lies in moves on; read anew now and then, it spares the log a look into days long done.
const RELOAD_MS = 3_600_000
const EMPTY_RETRY_MS = 1_000
const HALT_RETRY_MS = 30_000

/** Creates a lane; it reads its position, or makes it, the first time it runs. */
export function createLane(options: LaneOptions): Lane {
  const { spec, place, read, passed, positions, delivery, mayCall, report, metrics, time, log } = options
  const { topic, partition } = place
  const ages = ageTracker()
  let progress = freshProgress()
  let ahead: ReadAhead | undefined
  let day = '-infinity'
  let loadedAt = 0
  let end = 0n
  let pendingSince: number | undefined
  let notBefore = 0
  let working = false
  let stale = false
  let beyond = 0
  let halt: Halt | undefined
  // Sent well, but the position could not be moved yet: it is not sent again.
  let unmoved: Sent | undefined

  async function load(): Promise<ReadAhead> {
    const position: Position = await positions.load(place, spec.from)
    day = position.day
    loadedAt = time.now()
    stale = false
    if (ahead !== undefined && position.next !== ahead.position) {
      halt = undefined
      unmoved = undefined
      if (position.next < ahead.position) progress = freshProgress()
    }
    if (ahead === undefined) ahead = readAhead(position.next)
    else ahead.moveTo(position.next)
    const { attempts } = position
    if (progress.culprit === undefined && attempts !== undefined && attempts.offset >= position.next)
      progress = { ...progress, culprit: { ...attempts, firstAt: loadedAt - attempts.ageMs } }
    return ahead
  }

  async function fill(held: ReadAhead): Promise<void> {
    const limits = { events: delivery.batch, bytes: MAX_BODY }
    const from = held.readTo
    held.add(from, await read({ topic, partition, offset: from, day }, limits))
  }

  /** Nobody but an operator can know where to go on; the position may have been set meanwhile. */
  async function stopAt(held: ReadAhead, { message }: Error): Promise<void> {
    const at = held.position
    await load()
    notBefore = held.position === at ? time.now() + HALT_RETRY_MS : 0
    if (held.position !== at || halt !== undefined) return
    halt = { code: 'position_out_of_range', error: message, since: time.now() }
    metrics.stops.inc({ consumer: place.consumer, code: halt.code })
    const mend = `set it with \`junction redeliver ${topic} --consumer ${place.consumer} --from earliest\``
    log.error({ ...place, alarm: halt.code, code: halt.code }, `${place.consumer} is stopped: ${message}; ${mend}`)
  }

  /** Where there is no event, as in a transaction given up, the position goes on without a call. */
  async function passHole(held: ReadAhead): Promise<void> {
    const { position, readTo } = held
    if (readTo === position) notBefore = time.now() + EMPTY_RETRY_MS
    else if (await positions.move(place, position, readTo)) held.moveTo(readTo)
    else await reload()
  }

  async function reload(): Promise<void> {
    const before = ahead?.position
    const held = await load()
    if (held.position === before) notBefore = time.now() + backoffMs(1, time.random())
  }

  async function bury(held: ReadAhead, event: LogEvent, burial: Burial): Promise<void> {
    if (!(await positions.bury(place, held.position, event, burial))) return reload()
    metrics.deadLetters.inc({ consumer: place.consumer, reason: burial.reason })
    log.error(
      {
        ...place,
        alarm: 'dead_letter',
        offset: `${event.offset}`,
        event: event.id,
        code: burial.code,
        reason: burial.reason,
      },
      `dead letter: ${burial.error}`,
    )
    progress = moved(progress, event.offset + 1n)
    held.moveTo(event.offset + 1n)
  }

  /** False where somebody else moved the position; a function's own unit of work has moved it already. */
  async function moveOn(held: ReadAhead, { first, next }: Sent): Promise<boolean> {
    const isMoved = !delivery.movesPosition || (await positions.move(place, first, next))
    unmoved = undefined
    if (isMoved) held.moveTo(next)
    else await reload()
    return isMoved
  }

  async function apply(held: ReadAhead, delivered: Delivered, probe: boolean): Promise<void> {
    const { events, first, next, verdict } = delivered
    const steps = judge(progress, verdict, {
      first,
      next,
      count: events.length,
      probe,
      now: time.now(),
      random: time.random(),
    })
    const { counted, bury: burial } = steps
    if (counted !== undefined) metrics.attempts.inc({ consumer: place.consumer, code: counted })
    if (steps.reload) return reload()
    if (steps.advance !== undefined && steps.advance > held.position) {
      unmoved = { first: held.position, next: steps.advance }
      if (!(await moveOn(held, unmoved))) return
    }
    progress = steps.progress
    if (steps.waitMs !== undefined) notBefore = time.now() + steps.waitMs
    const culprit = events.find((event) => event.offset >= held.position)
    if (burial !== undefined && culprit !== undefined) await bury(held, culprit, burial)
    else if (counted !== undefined && progress.culprit !== undefined) await positions.count(place, progress.culprit)
  }

  async function deliver(probe: boolean): Promise<void> {
    // Whether there is enough to call for is only known now: the consumer asks again at once.
    if (ahead === undefined) {
      await load()
      return
    }
    const held = stale || time.now() - loadedAt > RELOAD_MS ? await load() : ahead
    if (held.position === unmoved?.first) {
      const { next } = unmoved
      if (await moveOn(held, unmoved)) progress = moved(progress, next)
      return
    }
    if (held.position === end && beyond < 2) return
    if (held.held === 0) {
      const failed = await fill(held).catch((error: Error) => error)
      if (failed?.name === 'PositionOutOfRange') return stopAt(held, failed)
      if (failed !== undefined) throw failed
      halt = undefined
      beyond = 0
    }
    if (!mayCall()) return
    const slice = held.take(probe ? 1 : sliceSize(progress, delivery.batch))
    if (slice === undefined) return passHole(held)
    const more = held.held < 2 * slice.events.length && held.readTo < end
    // Read while the call is under way; a failed read is made again when its turn comes.
    const reading = more ? fill(held).catch(() => {}) : undefined
    const delivered = await delivery.send(slice, attemptNumber(progress)).finally(() => reading)
    metrics.calls.inc({ consumer: place.consumer, outcome: delivered.verdict.kind })
    report(delivered.verdict)
    await apply(held, delivered, probe)
  }

  /** What is the matter with the topic is known to whoever looks at it, or for somebody to mend. */
  function heeds({ name, message, code }: Error & { code?: unknown }): boolean {
    if (name === 'NoSuchTopic') notBefore = time.now() + EMPTY_RETRY_MS
    else if (code === 'configuration') report({ kind: 'stop', code, error: message })
    else return false
    return true
  }

  return {
    get halt() {
      return halt
    },
    get suspect() {
      return progress.culprit?.counts.crashed !== undefined
    },
    seen(to) {
      // Once it may be that this lane has seen more than whoever looked.
      beyond = ahead !== undefined && !working && to < ahead.position ? beyond + 1 : 0
      if (beyond > 1) end = to
      if (to <= end) return false
      end = to
      pendingSince ??= time.now()
      ages.seen(to, time.now())
      return true
    },
    stored(next) {
      if (working || ahead === undefined) return
      // One that went on is met by the next call; who stands still or is to go back makes none.
      if (next < ahead.position || (halt !== undefined && next > ahead.position)) {
        stale = true
        notBefore = 0
      }
    },
    readyAt() {
      if (ahead === undefined || stale || beyond > 1) return notBefore
      const pending = end - ahead.position
      if (pending <= 0n) {
        pendingSince = undefined
        return Number.POSITIVE_INFINITY
      }
      if (spec.lingerMs === 0 || pending >= BigInt(delivery.batch)) return notBefore
      pendingSince ??= time.now()
      return Math.max(notBefore, pendingSince + spec.lingerMs)
    },
    async run(probe) {
      const before = ahead?.position
      working = true
      try {
        await deliver(probe)
      } catch (error) {
        if (!heeds(error as Error)) throw error
      } finally {
        working = false
        // What is left now begins to linger; after a failure it has lingered already.
        if (ahead?.position !== before) pendingSince = undefined
        if (ahead !== undefined && ahead.position !== before) passed({ topic, partition }, ahead.position)
      }
    },
    pardon() {
      notBefore = 0
      if (halt !== undefined) stale = true
    },
    postpone(until) {
      notBefore = until
    },
    status() {
      const position = ahead?.position
      const lag = position === undefined || end <= position ? 0 : Number(end - position)
      return {
        topic,
        partition,
        position: position?.toString() ?? null,
        end: end.toString(),
        lag,
        oldestAgeMs: lag === 0 || position === undefined ? 0 : ageAt(position),
        state: stateOf(lag),
      }
    },
  }

  // What was read tells its own age; else it is as old as this connector has known of it.
  function ageAt(position: bigint): number {
    const appendedAt = ahead?.first?.appendedAt
    const known = appendedAt === undefined ? 0 : Date.now() - appendedAt
    return Math.max(0, known, ages.oldest(position, time.now()))
  }

  function stateOf(lag: number): PartitionStatus['state'] {
    if (halt !== undefined) return 'stopped'
    if (progress.culprit !== undefined) return 'retrying'
    if (progress.mode !== 'slices') return 'isolating'
    if (working) return 'working'
    return lag > 0 ? 'waiting' : 'idle'
  }
}
