import type { Logger } from 'pino'
import type { Assignment, Bus, Partition } from '#shared/bus/port.ts'
import type { ConnectorMetrics } from './metrics.ts'
import type { Time } from './types.ts'

/** What keeps one consumer from its topics, and no other. */
export interface Trouble {
  /** The topic that is not there yet; without one somebody has to act. */
  waitsFor: string | undefined
  code: string
  error: string
  /** `Time.now`. */
  since: number
}

/** A consumer's share of its topics. */
export interface Share {
  /** Once it has been taken. */
  readonly assignment: Assignment | undefined
  readonly trouble: Trouble | undefined
  /** Its topics, while it is of use to ask how far they go. */
  readonly topics: string[]
  /** Takes the share, unless it is taken; who is in trouble holds up nobody. Rejects for faults of the bus as a whole. */
  take(): Promise<void>
  /** What was said when its topics were asked for; false where that is no fault of theirs. */
  heard(error: unknown): boolean
  /** Tries at once. */
  resume(): void
  /** Gives it back, for good. */
  release(): Promise<void>
}

/** What a share is taken with. */
export interface ShareOptions {
  bus: Bus
  consumer: string
  topics: string[]
  onChange(share: Partition[]): void
  metrics: Pick<ConnectorMetrics, 'stops'>
  time: Time
  log: Logger
}

// A topic that a producer makes is read within seconds.
const WAIT_MS = 2_000
const STOP_MS = 30_000

/** Prepares a share; a topic that is missing is waited for while the others are read, one that is denied stops this consumer alone. */
export function createShare({ bus, consumer, topics, onChange, metrics, time, log }: ShareOptions): Share {
  let assignment: Assignment | undefined
  let joining: Promise<void> | undefined
  let trouble: Trouble | undefined
  let notBefore = 0
  let released = false
  /** Topics that are not there yet, which the assignment is without, and what was said of the first. */
  const absent = new Set<string>()
  let missing: unknown

  function heard(said: unknown): boolean {
    const cause = said ?? missing
    if (cause === undefined) {
      if (trouble !== undefined) log.info({ consumer }, `${consumer} has its topics`)
      trouble = undefined
      return true
    }
    const { name, code, topic, message } = cause as Error & { code?: unknown; topic?: unknown }
    if (code !== 'configuration') return false
    const waitsFor = name === 'NoSuchTopic' ? String(topic) : undefined
    const error = waitsFor === undefined ? message : `waiting for topic ${waitsFor}`
    if (said !== undefined) notBefore = time.now() + (waitsFor === undefined ? STOP_MS : WAIT_MS)
    if (trouble?.error === error) return true
    trouble = { waitsFor, code: waitsFor === undefined ? 'configuration' : 'no_topic', error, since: time.now() }
    if (waitsFor !== undefined) {
      log.info({ consumer, topic: waitsFor }, `${consumer} waits for topic ${waitsFor}: ${message}`)
      return true
    }
    metrics.stops.inc({ consumer, code: trouble.code })
    const mend = `mend it, then run \`junction resume ${consumer}\``
    log.error({ alarm: 'consumer_stopped', consumer, code: trouble.code }, `${consumer} is stopped: ${error}; ${mend}`)
    return true
  }

  async function join(): Promise<void> {
    absent.clear()
    missing = undefined
    try {
      while (assignment === undefined) await assignWhatIsThere()
      heard(missing)
    } catch (error) {
      if (!heard(error)) throw error
    } finally {
      joining = undefined
    }
  }

  async function assignWhatIsThere(): Promise<void> {
    const there = topics.filter((topic) => !absent.has(topic))
    try {
      assignment = await bus.assign(consumer, there, onChange)
    } catch (error) {
      const { name, topic = '' } = error as Error & { topic?: string }
      if (name !== 'NoSuchTopic' || !there.includes(topic)) throw error
      missing ??= error
      absent.add(topic)
      if (absent.size === topics.length) throw missing
    }
  }

  const isThere = (topic: string): Promise<boolean> =>
    bus.ends([topic]).then(
      (ends) => ends.length > 0,
      () => false,
    )

  /** Takes the whole anew once one that was missing is there. */
  async function widen(): Promise<void> {
    notBefore = time.now() + WAIT_MS
    if (!(await Promise.all([...absent].map(isThere))).includes(true) || released) {
      joining = undefined
      return
    }
    await assignment?.release()
    assignment = undefined
    await join()
  }

  return {
    get assignment() {
      return assignment
    },
    get trouble() {
      return trouble
    },
    get topics() {
      if (assignment === undefined) return []
      const isStopped = trouble !== undefined && (trouble.waitsFor === undefined || absent.size === 0)
      return isStopped && time.now() < notBefore ? [] : topics.filter((topic) => !absent.has(topic))
    },
    async take() {
      if (released || topics.length === 0) return
      if (assignment !== undefined) {
        if (absent.size > 0 && joining === undefined && time.now() >= notBefore) joining = widen()
        joining?.catch(() => {})
        return
      }
      if (joining === undefined && time.now() >= notBefore) joining = join()
      if (trouble === undefined) return joining
      // Whoever looks at the log hears the same.
      joining?.catch(() => {})
    },
    heard,
    resume() {
      notBefore = 0
    },
    async release() {
      released = true
      await joining?.catch(() => {})
      await assignment?.release()
    },
  }
}
