import { Counter, Gauge, type Registry } from 'prom-client'
import type { ConsumerStatus } from '#shared/contracts/runtime-status.ts'

/** Counters the connector keeps while it works. */
export interface ConnectorMetrics {
  calls: Counter<'consumer' | 'outcome'>
  attempts: Counter<'consumer' | 'code'>
  deadLetters: Counter<'consumer' | 'reason'>
  stops: Counter<'consumer' | 'code'>
  tickFailures: Counter<'consumer' | 'kind'>
}

/** Registers the connector's metrics; the gauges are worked out from `status` when somebody asks. */
export function connectorMetrics(registry: Registry, status: () => ConsumerStatus[]): ConnectorMetrics {
  const registers = [registry]
  const gauge = (name: string, help: string, labelNames: string[], collect: (set: Setter) => void) =>
    new Gauge({
      name,
      help,
      labelNames,
      registers,
      collect() {
        this.reset()
        collect((labels, value) => this.set(labels, value))
      },
    })
  const perTopic = (pick: (partition: ConsumerStatus['partitions'][number]) => number, merge: typeof Math.max) => {
    return (set: Setter) => {
      for (const { consumer, partitions } of status()) {
        for (const topic of new Set(partitions.map((partition) => partition.topic))) {
          set({ consumer, topic }, merge(...partitions.filter((one) => one.topic === topic).map(pick)))
        }
      }
    }
  }
  const perConsumer = (pick: (consumer: ConsumerStatus) => number) => (set: Setter) => {
    for (const one of status()) set({ consumer: one.consumer }, pick(one))
  }

  gauge(
    'junction_connector_lag_events',
    'Events on the log that a consumer has not finished',
    ['consumer', 'topic'],
    perTopic((partition) => partition.lag, sum),
  )
  gauge(
    'junction_connector_oldest_unfinished_seconds',
    'Age of the oldest event that a consumer has not finished',
    ['consumer', 'topic'],
    perTopic((partition) => partition.oldestAgeMs / 1000, Math.max),
  )
  gauge(
    'junction_connector_in_flight',
    'Calls in flight',
    ['consumer'],
    perConsumer((one) => one.inFlight),
  )
  gauge(
    'junction_connector_breaker_open',
    '1 while a consumer is paused because its world is down',
    ['consumer'],
    perConsumer((one) => (one.state === 'breaker' ? 1 : 0)),
  )
  gauge(
    'junction_connector_stopped',
    '1 while a consumer is stopped until somebody acts',
    ['consumer'],
    perConsumer((one) => (one.state === 'stop' ? 1 : 0)),
  )
  gauge(
    'junction_connector_waiting_for_topic',
    '1 while a consumer waits for a topic that is not there yet',
    ['consumer', 'topic'],
    (set) => {
      for (const { consumer, waitsFor } of status()) if (waitsFor !== undefined) set({ consumer, topic: waitsFor }, 1)
    },
  )
  new Counter({
    name: 'junction_connector_rebuilds_total',
    help: 'Times the client of a consumer was made anew, as where it read nothing though there was more',
    labelNames: ['consumer'],
    registers,
    collect() {
      this.reset()
      for (const { consumer, rebuilds } of status()) if (rebuilds !== undefined) this.inc({ consumer }, rebuilds)
    },
  })
  return {
    calls: new Counter({
      name: 'junction_connector_calls_total',
      help: 'Calls made, by what their answers meant',
      labelNames: ['consumer', 'outcome'],
      registers,
    }),
    attempts: new Counter({
      name: 'junction_connector_attempts_total',
      help: 'Failed attempts that were counted against an event, by code',
      labelNames: ['consumer', 'code'],
      registers,
    }),
    deadLetters: new Counter({
      name: 'junction_connector_dead_letters_total',
      help: 'Dead letters written by the connector',
      labelNames: ['consumer', 'reason'],
      registers,
    }),
    tickFailures: new Counter({
      name: 'junction_connector_tick_failures_total',
      help: 'Calls for an alarm or a schedule that did not end well; each is tried on',
      labelNames: ['consumer', 'kind'],
      registers,
    }),
    stops: new Counter({
      name: 'junction_connector_stops_total',
      help: 'Times a consumer, or one partition of it, stopped until somebody acts, by code',
      labelNames: ['consumer', 'code'],
      registers,
    }),
  }
}

type Setter = (labels: Record<string, string>, value: number) => void

const sum = (...values: number[]): number => values.reduce((total, value) => total + value, 0)
