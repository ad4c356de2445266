import { z } from 'zod'
import { ForecastSource } from './forecast.ts'

const count = z.int().nonnegative()
const ms = z.number().nonnegative()
const instant = z.iso.datetime()

/** One function as its replicas stand; what is counted is counted since the runtime started. */
export const FunctionStatus = z.strictObject({
  name: z.string(),
  state: z.enum(['ready', 'starting', 'draining', 'cold']),
  /** Those that take calls. */
  replicas: count,
  inFlight: count,
  /** Calls that wait for a replica. */
  waiting: count,
  /** Starts while no other replica could take the call. */
  coldStarts: count,
  /** How long the newest of those took; null before the first. */
  lastColdStartMs: ms.nullable(),
  /** Replicas that ended without being told to. */
  crashes: count,
  /** Those since the function last answered. */
  crashesInRow: count,
  calls: count,
  /** Calls that ended with a status from 500. */
  errors: count,
  /** The newest deployment, and the one that takes the calls: the same once it is settled. */
  revision: count,
  serving: count,
  /** `failed`: the newest never got ready, and the one before goes on. */
  rollout: z.enum(['settled', 'rolling', 'failed']),
  /** Why it failed. */
  fault: z.string().optional(),
})
export type FunctionStatus = z.infer<typeof FunctionStatus>

/** How one partition of a consumer stands. */
export const PartitionStatus = z.strictObject({
  topic: z.string(),
  partition: count,
  /** Offsets as decimal strings; `position` is null until it was read. */
  position: z.string().nullable(),
  end: z.string(),
  /** Events it has not finished. */
  lag: count,
  /** Age of the oldest of them; 0 without any. */
  oldestAgeMs: ms,
  state: z.enum(['idle', 'working', 'waiting', 'isolating', 'retrying', 'stopped']),
})
export type PartitionStatus = z.infer<typeof PartitionStatus>

/** How one consumer stands. */
export const ConsumerStatus = z.strictObject({
  consumer: z.string(),
  /** `breaker`: its world is down, probed every 5 s; `stop`: somebody has to act. */
  state: z.enum(['running', 'breaker', 'stop']),
  code: z.string().optional(),
  error: z.string().optional(),
  /** How long it has been paused. */
  forMs: ms.optional(),
  inFlight: count,
  /** Over all partitions. */
  lag: count,
  oldestAgeMs: ms,
  partitions: z.array(PartitionStatus),
  /** The topic that is not there yet. */
  waitsFor: z.string().optional(),
  /** How often its client of the bus was made anew, where it has one. */
  rebuilds: count.optional(),
  /** Alarms and schedule ticks that are due, in city time. */
  due: z.array(instant),
})
export type ConsumerStatus = z.infer<typeof ConsumerStatus>

/** The connector. */
export const ConnectorStatus = z.strictObject({
  /** False before its first look at the log and while its own database is down. */
  ready: z.boolean(),
  error: z.string().optional(),
  consumers: z.array(ConsumerStatus),
})
export type ConnectorStatus = z.infer<typeof ConnectorStatus>

/** One topic of the log; lag and age are those of the consumer that is furthest behind. */
export const TopicStatus = z.strictObject({
  topic: z.string(),
  partitions: count,
  /** Events ever appended, decimal. */
  events: z.string(),
  lag: count,
  oldestAgeMs: ms,
})
export type TopicStatus = z.infer<typeof TopicStatus>

/** How forecasting stands. */
const ForecastStatus = z.strictObject({
  /** The window that the newest forecasts were made from. */
  windowStart: instant,
  /** Segments there are. */
  segments: count,
  /** Segments that have one of those, by what it comes from. */
  sources: z.record(ForecastSource, count),
  /** Mean absolute errors of the last day for the window farthest ahead, km/h; null where none was scored. */
  farthest: z
    .strictObject({
      minutes: count,
      n: count,
      maeKmh: z.number().nonnegative(),
      /** The model's alone, and what persistence would have been in its place; null where it made none. */
      model: z.strictObject({ maeKmh: z.number().nonnegative(), persistenceKmh: z.number().nonnegative() }).nullable(),
    })
    .nullable(),
})

/** `GET /system/junction/status`: how the whole runtime stands. */
export const RuntimeStatus = z.strictObject({
  pid: count,
  startedAt: instant,
  /** City time; a speed of 0 is a clock that is stepped by hand. */
  clock: z.strictObject({ kind: z.enum(['real', 'database']), now: instant, speed: z.number().nonnegative() }),
  /** The bus in use and its servers: `postgres`, `kafka 127.0.0.1:9092`. */
  bus: z.string(),
  functions: z.array(FunctionStatus),
  topics: z.array(TopicStatus),
  connector: ConnectorStatus,
  /** Open ones, and since when. */
  deadLetters: z.array(z.strictObject({ consumer: z.string(), open: count, oldest: instant })),
  /** City time of the next alarm of each consumer. */
  alarms: z.array(z.strictObject({ consumer: z.string(), next: instant, count })),
  /** Absent where no forecast was ever made. */
  forecasts: ForecastStatus.optional(),
})
export type RuntimeStatus = z.infer<typeof RuntimeStatus>
