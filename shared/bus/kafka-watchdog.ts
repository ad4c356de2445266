import type { Inlet } from './inlet.ts'
import type { KafkaTopics } from './kafka-topics.ts'
import type { Partition } from './port.ts'

/** One partition of the share. */
export interface Slot extends Partition {
  inlet: Inlet
  /** Not fetched, because it holds enough. */
  paused: boolean
}

/** Where nothing was read although there is more. */
export interface Stall extends Partition {
  at: bigint
  end: bigint
}

/** What the watchdog looks at. */
export interface WatchdogOptions {
  slots(): Iterable<Slot>
  cluster: Pick<KafkaTopics, 'ends' | 'knownEnd'>
  topics: string[]
  stallMs: number
  /** Answers to fetches the present client has had. */
  answers(): number
  /** The client has stalled: it must be made anew. */
  onStall(stall: Stall): void
  /** A new client, too, was answered and read nothing up to the same end: there is nothing. */
  onHole(slot: Slot, end: bigint): void
  now?(): number
}

/** Looks for partitions that stand still. */
export interface Watchdog {
  look(): Promise<void>
  /** Stops looking. */
  stop(): void
}

interface Watched {
  at: bigint
  since: number
  answers: number
}

// A single answer may be one the broker had kept back to slow its readers down.
const PROOF = 3

/** Looks four times in the time after which a partition counts as stalled. */
export function createWatchdog(options: WatchdogOptions): Watchdog {
  const { cluster, topics, stallMs, now = () => performance.now() } = options
  const watched = new WeakMap<Slot, Watched>()
  const suspects = new Map<string, { at: bigint; end: bigint }>()

  /** The end up to which a slot has read nothing for too long. */
  function stalled(slot: Slot): { seen: Watched; end: bigint } | undefined {
    const at = slot.inlet.fetchTo
    const end = cluster.knownEnd(slot)
    if (at === undefined || end === undefined || end <= at || slot.paused) {
      watched.delete(slot)
      return undefined
    }
    const seen = watched.get(slot)
    if (seen?.at === at) return now() - seen.since < stallMs ? undefined : { seen, end }
    watched.set(slot, { at, since: now(), answers: options.answers() })
    return undefined
  }

  async function look(): Promise<void> {
    await cluster.ends(topics)
    let worst: Stall | undefined
    for (const slot of options.slots()) {
      const stall = stalled(slot)
      if (stall === undefined) continue
      const { topic, partition } = slot
      const { seen, end } = stall
      // What follows takes its time, too.
      watched.delete(slot)
      const key = `${topic}/${partition}`
      const before = suspects.get(key)
      if (before?.at === seen.at && before.end === end && options.answers() - seen.answers >= PROOF) {
        suspects.delete(key)
        options.onHole(slot, end)
      } else {
        suspects.set(key, { at: seen.at, end })
        worst = { topic, partition, at: seen.at, end }
      }
    }
    if (worst !== undefined) options.onStall(worst)
  }

  // While the broker is away its ends are not known, and nothing stalls.
  const timer = setInterval(() => void look().catch(() => {}), Math.min(5_000, Math.max(25, stallMs / 4)))
  timer.unref()
  return { look, stop: () => clearInterval(timer) }
}
