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
import { createShare, type Share } from './share.ts'
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
  share: Share
  ticking: Ticking
  /** Longest wait for one call, in milliseconds. */
  drainMs: number
  /** Takes its share of its alarms and schedule, unless it has it already. */
  assignTicks(): Promise<void>
  /** Tries at once what is stopped or paused. */
  resume(): void
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
  const share = createShare({ bus, consumer: name, topics, onChange: serve, metrics, time, log })
  let tickLease: Lease | undefined
  let ticksAreMine = false
  let released = false
  let joining: Promise<Lease> | undefined
  const laneKey = (topic: string, partition: number) => `${topic}/${partition}`
  const ticks = elsewhere
    ? { ticking: { consumer: name, mine: () => false }, sources: [] }
    : createTicks(spec, call, shared, () => ticksAreMine, report, { consumer: name, metrics, time, log })
  for (const source of ticks.sources) consumer.add(source)

  const read: Assignment['read'] = (from, limits) => {
    if (share.assignment === undefined) throw new Error(`${name} has no share of its topics yet`)
    return share.assignment.read(from, limits)
  }

  /** A call under way for what another connector serves now ends by itself: the position fences it. */
  function serve(parts: Partition[]): void {
    const served = new Set(parts.map(({ topic, partition }) => laneKey(topic, partition)))
    for (const [key, lane] of lanes) {
      if (served.has(key)) continue
      lanes.delete(key)
      consumer.remove(lane)
    }
    for (const { topic, partition } of parts) {
      const key = laneKey(topic, partition)
      if (lanes.has(key)) continue
      const place = { consumer: name, topic, partition }
      const lane: Lane = createLane({
        ...{ spec, place, read, positions, delivery, metrics, time, log },
        report: (verdict) => report(verdict, lane),
        mayCall: () => consumer.mayCall(lane),
        passed: (partition, next) => share.assignment?.passed?.(partition, next),
      })
      lanes.set(key, lane)
      consumer.add(lane)
    }
  }

  return {
    name,
    spec,
    bus,
    consumer,
    share,
    ticking: ticks.ticking,
    drainMs: ladder.drain,
    async assignTicks() {
      if (released || ticks.sources.length === 0 || tickLease !== undefined) return
      joining ??= leases
        .join(`ticks/${name}`, ['ticks'], (part) => {
          ticksAreMine = part.length > 0
        })
        .finally(() => {
          joining = undefined
        })
      tickLease = await joining
    },
    resume() {
      share.resume()
      consumer.resume()
    },
    async release() {
      released = true
      // What has been asked for would be missed otherwise.
      await joining?.then(
        (lease) => {
          tickLease = lease
        },
        () => {},
      )
      await Promise.all([share.release(), tickLease?.leave()])
    },
    stored: (topic, partition, next) => lanes.get(laneKey(topic, partition))?.stored(next),
    seen: (topic, partition, end) => lanes.get(laneKey(topic, partition))?.seen(end) ?? false,
    status() {
      const halt = [...lanes.values()].find((lane) => lane.halt !== undefined)?.halt
      const { trouble } = share
      const stopped = halt ?? (trouble?.waitsFor === undefined ? trouble : undefined)
      const pause = consumer.gate.pause ?? (stopped && { kind: 'stop' as const, ...stopped })
      const partitions = [...lanes.values()].map((lane) => lane.status())
      return {
        consumer: name,
        state: pause?.kind ?? 'running',
        ...(pause && { code: pause.code, error: pause.error, forMs: Math.round(time.now() - pause.since) }),
        inFlight: consumer.inFlight,
        lag: partitions.reduce((sum, { lag }) => sum + lag, 0),
        oldestAgeMs: Math.max(0, ...partitions.map(({ oldestAgeMs }) => oldestAgeMs)),
        partitions,
        ...(share.assignment?.rebuilds && { rebuilds: share.assignment.rebuilds() }),
        ...(trouble?.waitsFor !== undefined && { waitsFor: trouble.waitsFor, error: trouble.error }),
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
