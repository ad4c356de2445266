import type { Lease } from '#shared/bus/lease.ts'
import type { Assignment, Bus, Partition } from '#shared/bus/port.ts'
import type { ConsumerStatus } from '#shared/contracts/runtime-status.ts'
import { type Caller, createCaller } from './caller.ts'
import { type Consumer, createConsumer } from './consumer.ts'
import { cronTicks } from './cron.ts'
import { type Delivery, foreignDelivery, sliceDelivery } from './delivery.ts'
import type { Ticking } from './due.ts'
import { checkLadder } from './ladder.ts'
import { createLane, type Lane } from './lane.ts'
import type { ConnectorMetrics } from './metrics.ts'
import type { Positions } from './positions.ts'
import { foreignTickCall, type TickKind, tickCall } from './tick-call.ts'
import { createTickSource, type TickOptions, type TickSource } from './tick-source.ts'
import type { ConnectorOptions, FunctionSpec, Time } from './types.ts'

/** One function as a consumer: its lanes, its alarms, its schedule. */
export interface Member {
  name: string
  spec: FunctionSpec
  /** Where its topics are read. */
  bus: Bus
  consumer: Consumer
  readonly topics: string[]
  ticking: Ticking
  /** Longest wait for one call, in milliseconds. */
  drainMs: number
  /** Takes its share of its topics, unless it has it already. */
  assign(): Promise<void>
  /** The same for its alarms and schedule. */
  assignTicks(): Promise<void>
  /** Gives all shares back, for good. */
  release(): Promise<void>
  /** The end of a partition, as last seen; true if it moved for this consumer. */
  seen(topic: string, partition: number, end: bigint): boolean
  /** A position of this consumer, as it lies in the table. */
  stored(topic: string, partition: number, next: bigint): void
  status(): ConsumerStatus
}

/** What the members of one connector share. */
export interface Shared extends Omit<ConnectorOptions, 'metrics' | 'time'> {
  positions: Positions
  metrics: ConnectorMetrics
  time: Time
  /** Aborted when calls in flight must end. */
  cut: AbortSignal
}

/** Wires one function up; what delivers `elsewhere` is no function and has no alarms. Throws where its timeouts cannot work. */
export function createMember(spec: FunctionSpec, shared: Shared, elsewhere?: Delivery): Member {
  const { name } = spec
  const { bus, leases, positions, metrics, time, log, cut, invoke, token } = shared
  const ladder = checkLadder(name, spec.execTimeoutMs)
  const call = createCaller(spec, { invoke, attemptMs: ladder.attempt, time, cut })
  const delivery =
    elsewhere ?? (spec.foreignTopic === undefined ? sliceDelivery(spec, bus.logOf, token, call) : foreignDelivery(call))
  const consumer = createConsumer({
    name,
    maxInFlight: () => shared.maxInFlight(name),
    time,
    log,
    metrics,
  })
  const { report } = consumer
  const topics = spec.foreignTopic === undefined ? spec.topics : [spec.foreignTopic]
  const lanes = new Map<string, Lane>()
  let assignment: Assignment | undefined
  let joining: Promise<Assignment> | undefined
  let tickLease: Lease | undefined
  let ticksAreMine = false
  let released = false
  const assigning = new Set<Promise<unknown>>()
  const laneKey = (topic: string, partition: number) => `${topic}/${partition}`
  const ticks = elsewhere
    ? { ticking: { consumer: name, mine: () => false }, sources: [] }
    : createTicks(spec, call, shared, () => ticksAreMine, report, { consumer: name, metrics, time, log })
  for (const source of ticks.sources) consumer.add(source)

  const read: Assignment['read'] = (from, limits) => {
    if (assignment === undefined) throw new Error(`${name} has no share of its topics yet`)
    return assignment.read(from, limits)
  }

  /** A call under way for what another connector serves now ends by itself: the position fences it. */
  function serve(share: Partition[]): void {
    const served = new Set(share.map(({ topic, partition }) => laneKey(topic, partition)))
    for (const [key, lane] of lanes) {
      if (served.has(key)) continue
      lanes.delete(key)
      consumer.remove(lane)
    }
    for (const { topic, partition } of share) {
      const key = laneKey(topic, partition)
      if (lanes.has(key)) continue
      const place = { consumer: name, topic, partition }
      const lane: Lane = createLane({
        ...{ spec, place, read, positions, delivery, metrics, time, log },
        report: (verdict) => report(verdict, lane),
        passed: (partition, next) => assignment?.passed?.(partition, next),
      })
      lanes.set(key, lane)
      consumer.add(lane)
    }
  }

  /** What has been asked for is waited for by `release`, which would miss it otherwise. */
  async function unlessReleased(assign: () => Promise<void>): Promise<void> {
    if (released) return
    const assigned = assign()
    assigning.add(assigned)
    await assigned.finally(() => assigning.delete(assigned))
  }

  return {
    name,
    spec,
    bus,
    consumer,
    topics,
    ticking: ticks.ticking,
    drainMs: ladder.drain,
    assign: () =>
      unlessReleased(async () => {
        if (topics.length === 0 || assignment !== undefined) return
        joining ??= bus.assign(name, topics, serve).finally(() => {
          joining = undefined
        })
        assignment = await joining
      }),
    assignTicks: () =>
      unlessReleased(async () => {
        if (ticks.sources.length === 0) return
        tickLease ??= await leases.join(`ticks/${name}`, ['ticks'], (part) => {
          ticksAreMine = part.length > 0
        })
      }),
    async release() {
      released = true
      await Promise.allSettled(assigning)
      await Promise.all([assignment?.release(), tickLease?.leave()])
    },
    stored: (topic, partition, next) => lanes.get(laneKey(topic, partition))?.stored(next),
    seen: (topic, partition, end) => lanes.get(laneKey(topic, partition))?.seen(end) ?? false,
    status() {
      const halt = [...lanes.values()].find((lane) => lane.halt !== undefined)?.halt
      const pause = consumer.gate.pause ?? (halt && { kind: 'stop' as const, ...halt })
      const partitions = [...lanes.values()].map((lane) => lane.status())
      return {
        consumer: name,
        state: pause?.kind ?? 'running',
        ...(pause && { code: pause.code, error: pause.error, forMs: Math.round(time.now() - pause.since) }),
        inFlight: consumer.inFlight,
        lag: partitions.reduce((sum, { lag }) => sum + lag, 0),
        oldestAgeMs: Math.max(0, ...partitions.map(({ oldestAgeMs }) => oldestAgeMs)),
        partitions,
        ...(assignment?.rebuilds && { rebuilds: assignment.rebuilds() }),
        due: ticks.sources.flatMap((source) => source.due()),
      }
    },
  }
}

function createTicks(
  spec: FunctionSpec,
  call: Caller,
  { token, database }: Shared,
  mine: () => boolean,
  report: Consumer['report'],
  common: Omit<TickOptions, 'call' | 'kind' | 'report'>,
): { ticking: Ticking; sources: TickSource[] } {
  const ticking: Ticking = { consumer: spec.name, mine }
  const sources: TickSource[] = []
  const foreign = spec.foreignTopic !== undefined || spec.foreignSchedule
  const add = (kind: TickKind, callFor: TickOptions['call']): TickSource => {
    const source: TickSource = createTickSource({
      ...common,
      kind,
      call: callFor,
      report: (verdict) => report(verdict, source),
    })
    sources.push(source)
    return source
  }
  if (!foreign) ticking.alarms = add('alarm', tickCall('alarm', spec, token, call))
  if (spec.schedule) {
    const tick = foreign ? foreignTickCall(spec, call, database) : tickCall('schedule', spec, token, call)
    ticking.schedule = { ticks: cronTicks(spec.schedule), source: add('schedule', tick) }
  }
  return { ticking, sources }
}
