import type { Lease } from '#shared/bus/lease.ts'
import type { Assignment, Partition } from '#shared/bus/port.ts'
import type { ConsumerStatus } from '#shared/contracts/runtime-status.ts'
import { type Caller, createCaller } from './caller.ts'
import { type Consumer, createConsumer } from './consumer.ts'
import { foreignDelivery, sliceDelivery } from './delivery.ts'
import type { Ticking } from './due.ts'
import { checkLadder } from './ladder.ts'
import { createLane, type Lane } from './lane.ts'
import type { ConnectorMetrics } from './metrics.ts'
import type { Positions } from './positions.ts'
import { foreignTickCall, tickCall } from './tick-call.ts'
import { createTickSource, type TickOptions, type TickSource } from './tick-source.ts'
import type { ConnectorOptions, FunctionSpec, Time } from './types.ts'

/** One function as a consumer: its lanes, its alarms, its schedule. */
export interface Member {
  name: string
  consumer: Consumer
  readonly topics: string[]
  ticking: Ticking
  /** Longest wait for one call, in milliseconds. */
  drainMs: number
  /** Takes its share of its topics, its alarms and schedule, unless it has it already. */
  assign(): Promise<void>
  /** Gives the share back. */
  release(): Promise<void>
  /** The end of a partition, as last seen; true if it moved for this consumer. */
  seen(topic: string, partition: number, end: bigint): boolean
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

/** Wires one function up; throws where its timeouts cannot work. */
export function createMember(spec: FunctionSpec, shared: Shared): Member {
  const { name } = spec
  const { bus, leases, positions, metrics, time, log, cut, invoke, token } = shared
  const ladder = checkLadder(name, spec.execTimeoutMs)
  const call = createCaller(spec, { invoke, attemptMs: ladder.attempt, time, cut })
  const delivery = spec.foreignTopic === undefined ? sliceDelivery(spec, bus.logOf, token, call) : foreignDelivery(call)
  const consumer = createConsumer({
    name,
    maxInFlight: () => shared.maxInFlight(name),
    time,
    log,
  })
  const { report } = consumer
  const topics = spec.foreignTopic === undefined ? spec.topics : [spec.foreignTopic]
  const lanes = new Map<string, Lane>()
  let assignment: Assignment | undefined
  let tickLease: Lease | undefined
  let ticksAreMine = false
  const laneKey = (topic: string, partition: number) => `${topic}/${partition}`
  const ticks = createTicks(spec, call, shared, () => ticksAreMine, { consumer: name, report, metrics, time, log })
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
      const lane = createLane({ spec, place, bus, read, positions, delivery, report, metrics, time, log })
      lanes.set(key, lane)
      consumer.add(lane)
    }
  }

  return {
    name,
    consumer,
    topics,
    ticking: ticks.ticking,
    drainMs: ladder.drain,
    async assign() {
      const ofLog = async () => {
        if (topics.length > 0) assignment ??= await bus.assign(name, topics, serve)
      }
      const ofClock = async () => {
        tickLease ??= await leases.join(`ticks/${name}`, ['ticks'], (part) => {
          ticksAreMine = part.length > 0
        })
      }
      await Promise.all([ofLog(), ticks.sources.length > 0 && ofClock()])
    },
    async release() {
      await Promise.all([assignment?.release(), tickLease?.leave()])
    },
    seen: (topic, partition, end) => lanes.get(laneKey(topic, partition))?.seen(end) ?? false,
    status() {
      const { pause } = consumer.gate
      const partitions = [...lanes.values()].map((lane) => lane.status())
      return {
        consumer: name,
        state: pause?.kind ?? 'running',
        ...(pause && { code: pause.code, error: pause.error, forMs: Math.round(time.now() - pause.since) }),
        inFlight: consumer.inFlight,
        lag: partitions.reduce((sum, { lag }) => sum + lag, 0),
        oldestAgeMs: Math.max(0, ...partitions.map(({ oldestAgeMs }) => oldestAgeMs)),
        partitions,
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
  common: Omit<TickOptions, 'call' | 'kind'>,
): { ticking: Ticking; sources: TickSource[] } {
  const ticking: Ticking = { consumer: spec.name, mine }
  const sources: TickSource[] = []
  const foreign = spec.foreignTopic !== undefined || spec.foreignSchedule
  if (!foreign) {
    ticking.alarms = createTickSource({ ...common, kind: 'alarm', call: tickCall('alarm', spec, token, call) })
    sources.push(ticking.alarms)
  }
  if (spec.schedule) {
    const tick = foreign ? foreignTickCall(spec, call, database) : tickCall('schedule', spec, token, call)
    const source = createTickSource({ ...common, kind: 'schedule', call: tick })
    ticking.schedule = { ...spec.schedule, source }
    sources.push(source)
  }
  return { ticking, sources }
}
