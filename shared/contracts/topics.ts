import type { z } from 'zod'
import { TrafficForecast, trafficForecastId } from './forecast.ts'
import { AcceptedReading, readingId } from './reading.ts'
import { TrafficState, trafficStateId } from './traffic.ts'

/** What one topic carries, how it is spread and how long it is kept. */
export interface Topic<T = unknown> {
  /** CloudEvents type. */
  type: string
  schema: z.ZodType<T>
  /** Never changed for a living topic. */
  partitions: number
  retentionDays: number
  /** The partition key of an event. */
  key(data: T): string
  /** The derived, never random, id of an event. */
  id(data: T): string
  /** CloudEvents `time`: when what the event tells of happened, RFC 3339. */
  time(data: T): string
}

const topic = <T>(definition: Topic<T>): Topic<T> => definition

/** The registry: every topic of Junction. */
export const topics = {
  readings: topic<AcceptedReading>({
    type: 'city.junction.readings.v1',
    schema: AcceptedReading,
    partitions: 8,
    retentionDays: 7,
    key: (reading) => reading.device,
    id: readingId,
    time: (reading) => reading.observedAt,
  }),
  'readings.late': topic<AcceptedReading>({
    type: 'city.junction.readings.late.v1',
    schema: AcceptedReading,
    partitions: 1,
    retentionDays: 7,
    key: (reading) => reading.device,
    id: readingId,
    time: (reading) => reading.observedAt,
  }),
  'traffic.states': topic<TrafficState>({
    type: 'city.junction.traffic.states.v1',
    schema: TrafficState,
    partitions: 1,
    retentionDays: 7,
    key: (state) => state.segment,
    id: trafficStateId,
    time: (state) => state.windowStart,
  }),
  'traffic.forecasts': topic<TrafficForecast>({
    type: 'city.junction.traffic.forecasts.v1',
    schema: TrafficForecast,
    partitions: 1,
    retentionDays: 7,
    key: (forecast) => forecast.segment,
    id: trafficForecastId,
    time: (forecast) => forecast.windowStart,
  }),
} as const

/** How each topic is made on a broker. */
export const topicPlans = Object.entries(topics).map(([topic, { partitions, retentionDays }]) => ({
  topic,
  partitions,
  retentionDays,
}))

export type TopicName = keyof typeof topics
/** The data a topic carries. */
export type TopicData<N extends TopicName> = (typeof topics)[N] extends Topic<infer T> ? T : never

/** The topic of that name, or undefined: names come from stack.yml and from calls. */
export const findTopic = (name: string): Topic | undefined =>
  Object.hasOwn(topics, name) ? (topics[name as TopicName] as Topic) : undefined
