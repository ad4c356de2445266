import type { Logger } from 'pino'
import { type Bell, createBell } from './bell.ts'
import { BusUnavailable, PositionOutOfRange } from './errors.ts'
import { createInlet } from './inlet.ts'
import { joinGroup } from './kafka-membership.ts'
import { fromMessage } from './kafka-message.ts'
import type { Fetched, OpenSession } from './kafka-session.ts'
import type { KafkaTopics } from './kafka-topics.ts'
import { createWatchdog, type Slot } from './kafka-watchdog.ts'
import type { Assignment, LogEvent, Partition, Slice } from './port.ts'
import { within } from './within.ts'

/** What a consumer's share of Kafka is made of. */
export interface ShareOptions {
  consumer: string
  topics: string[]
  onChange(share: Partition[]): void
  open: OpenSession
  cluster: KafkaTopics
  watchdogMs: number
  log: Logger
}

const READ_WAIT_MS = 1_000
const FIRST_SHARE_MS = 5_000
/** A group settles by then, whatever became of its other members. */
const JOIN_MS = 60_000
const COMMIT_MS = 5_000
const COMMIT_WAIT_MS = 1_500

const keyOf = ({ topic, partition }: Partition): string => `${topic}/${partition}`

/**
 * Takes a share of the topics in the consumer's group. The group says which partitions, and nothing more: where to read is
 * the reader's word alone. Throws where Kafka cannot be reached at first; later the share comes back by itself.
 */
export async function kafkaShare(options: ShareOptions): Promise<Assignment> {
  const { consumer, topics, onChange, cluster, log } = options
  const clusterId = await cluster.clusterId()
  await cluster.ends(topics)
  const slots = new Map<string, Slot>()
  const passed = new Map<string, Partition & { next: bigint }>()
  const bell = createBell()
  let shared = false
  let joining = false
  let openedAt = 0
  let failure: { error: unknown } | undefined

  const membership = joinGroup(
    (events) => {
      joining = true
      openedAt = performance.now()
      return options.open(consumer, topics, events)
    },
    { onShare, onFetched, onSkipped },
    {
      consumer,
      log,
      onFailure(error) {
        failure = { error }
        bell.ring()
      },
    },
  )
  const watchdog = createWatchdog({
    slots: () => slots.values(),
    cluster,
    topics,
    stallMs: options.watchdogMs,
    answers: () => membership.session?.answers ?? 0,
    onStall({ topic, partition, at, end }) {
      // What stands still while a client joins, does so for that.
      if (joining && performance.now() - openedAt < JOIN_MS) return
      log.warn(
        { consumer, topic, partition, at: `${at}`, end: `${end}` },
        'nothing was read where there is more: the Kafka client is made anew',
      )
      membership.renew()
    },
    onHole(slot, end) {
      const { topic, partition, inlet } = slot
      log.warn({ consumer, topic, partition, from: `${inlet.fetchTo}`, to: `${end}` }, 'the log has a hole there')
      membership.session?.seek({ topic, partition }, end)
      inlet.add([], end)
      bell.ring()
    },
  })
  const committing = setInterval(() => void commit(), COMMIT_MS)
  committing.unref()

  function onShare(share: Partition[]): void {
    slots.clear()
    for (const one of share) slots.set(keyOf(one), { ...one, inlet: createInlet(), paused: false })
    shared = true
    joining = false
    failure = undefined
    log.info({ consumer, partitions: share.length }, 'the group gave a share of the partitions')
    onChange(share)
    bell.ring()
  }

  function onFetched({ topic, partition, from, next, messages }: Fetched): boolean {
    const slot = slots.get(keyOf({ topic, partition }))
    if (slot === undefined) return false
    const { inlet } = slot
    if (from !== inlet.fetchTo) {
      // The library goes elsewhere by itself where the log has no such offset: the next read looks whether that is so.
      membership.session?.pause({ topic, partition })
      inlet.lose()
      bell.ring()
      return false
    }
    const place = { clusterId, topic, partition }
    const events = messages.map((message) => fromMessage(message, place))
    inlet.add(
      events.filter((event): event is LogEvent => event !== undefined),
      next,
    )
    cluster.reached({ topic, partition }, next)
    if (inlet.full) pause(slot, true)
    bell.ring()
    return true
  }

  function onSkipped(partition: Partition, next: bigint): void {
    const inlet = slots.get(keyOf(partition))?.inlet
    if (inlet?.fetchTo === undefined || next <= inlet.fetchTo) return
    inlet.add([], next)
    bell.ring()
  }

  function pause(slot: Slot, paused: boolean): void {
    if (slot.paused === paused) return
    slot.paused = paused
    const { topic, partition } = slot
    if (paused) membership.session?.pause({ topic, partition })
    else membership.session?.resume({ topic, partition })
  }

  /** Throws where the log does not reach from the offset on. */
  async function checkRange({ topic, partition }: Partition, offset: bigint): Promise<void> {
    const { low, end } = await cluster.range({ topic, partition })
    if (offset >= low && offset <= end) return
    throw new PositionOutOfRange(
      `position ${offset} of ${topic}/${partition} is outside of what Kafka has, ${low} to ${end}`,
    )
  }

  async function start(slot: Slot, offset: bigint): Promise<void> {
    await checkRange(slot, offset)
    const { session } = membership
    // Another share came meanwhile, or none is held at all: the read asks anew.
    if (slots.get(keyOf(slot)) !== slot || session === undefined) return
    const { topic, partition } = slot
    slot.inlet.start(offset)
    slot.paused = false
    session.seek({ topic, partition }, offset)
    session.resume({ topic, partition })
  }

  async function commit(): Promise<void> {
    const positions = [...passed.values()].filter((one) => slots.has(keyOf(one)))
    passed.clear()
    const copying = membership.session?.commit(positions) ?? Promise.resolve()
    // A copy for tools that show lag: one that failed is followed by the next, and nobody waits long for it.
    await within(COMMIT_WAIT_MS, copying, () => new BusUnavailable('no answer to a commit')).catch((error) =>
      log.debug({ consumer, err: error }, 'no commit'),
    )
  }

  await firstShare(bell, () => {
    if (failure !== undefined) throw failure.error
    return shared
  }).catch(async (error) => {
    await release()
    throw error
  })

  async function release(): Promise<void> {
    clearInterval(committing)
    watchdog.stop()
    await commit()
    slots.clear()
    await membership.leave()
    bell.ring()
  }

  return {
    async read({ topic, partition, offset }, limits) {
      const until = performance.now() + READ_WAIT_MS
      let next = offset
      const once = async (): Promise<Slice | undefined> => {
        const slot = slots.get(keyOf({ topic, partition }))
        if (slot === undefined) return undefined
        if (!slot.inlet.holds(offset)) await start(slot, offset)
        if (slots.get(keyOf(slot)) !== slot) return once()
        if (!slot.inlet.holds(offset)) return undefined
        const slice = slot.inlet.take(offset, limits)
        if (slot.inlet.low) pause(slot, false)
        next = slice.next
        return slice.events.length > 0 || (next > offset && next >= (cluster.knownEnd(slot) ?? 0n)) ? slice : undefined
      }
      try {
        for (let left = READ_WAIT_MS; left > 0; left = until - performance.now()) {
          const slice = await once()
          if (slice !== undefined) return slice
          if (failure !== undefined) throw failure.error
          await bell.wait(left)
        }
        if (slots.has(keyOf({ topic, partition }))) await checkRange({ topic, partition }, next)
      } catch (error) {
        // Whoever asks for the ends hears that the broker is away; here nothing has come yet.
        if (!(error instanceof BusUnavailable)) throw error
        await bell.wait(Math.max(0, until - performance.now()))
      }
      return { events: [], next }
    },
    passed(partition, next) {
      passed.set(keyOf(partition), { ...partition, next })
    },
    rebuilds: () => membership.rebuilds,
    release,
  }
}

/** A group may take long to settle, as while a member is frozen: the share is then told later. */
async function firstShare(bell: Bell, settled: () => boolean): Promise<void> {
  const until = performance.now() + FIRST_SHARE_MS
  while (!settled() && performance.now() < until) await bell.wait(until - performance.now())
}
