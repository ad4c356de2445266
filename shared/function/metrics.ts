import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { HttpContext } from './define.ts'

/** The metrics of one function's process. */
export interface FunctionMetrics {
  registry: Registry
  /** Calls by answer. */
  calls: Counter<'code'>
  seconds: Histogram<'code'>
  inflight: Gauge
  streams: Gauge
  /** Opens a counter of the function's own. */
  counter: HttpContext['counter']
  /** Opens a gauge of the function's own. */
  gauge: HttpContext['gauge']
}

// Node's sampled lag of the event loop wakes an idle process a hundred times a second; the lag at a scrape costs nothing.
const HARDLY_EVER_MS = 60_000
const SAMPLED = ['min', 'max', 'mean', 'stddev', 'p50', 'p90', 'p99']

/** Makes the metrics in a registry of their own. */
export function functionMetrics(name: string, version: string): FunctionMetrics {
  const registry = new Registry()
  registry.setDefaultLabels({ function: name, version })
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: HARDLY_EVER_MS })
  for (const name of SAMPLED) registry.removeSingleMetric(`nodejs_eventloop_lag_${name}_seconds`)
  const registers = [registry]
  return {
    registry,
    calls: new Counter({
      name: 'junction_function_calls_total',
      help: 'Calls answered',
      labelNames: ['code'],
      registers,
    }),
    seconds: new Histogram({
      name: 'junction_function_call_seconds',
      help: 'Time from the head of a call to the end of its answer',
      labelNames: ['code'],
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      registers,
    }),
    inflight: new Gauge({ name: 'junction_function_inflight', help: 'Calls in progress, streams apart', registers }),
    streams: new Gauge({ name: 'junction_function_streams', help: 'Open streams', registers }),
    counter(name, help, label) {
      const counter = new Counter({ name: `junction_${name}`, help, labelNames: label ? [label] : [], registers })
      return (n, value) => (label && value !== undefined ? counter.inc({ [label]: value }, n) : counter.inc(n))
    },
    gauge(name, help, labelNames) {
      const gauge = new Gauge({ name: `junction_${name}`, help, labelNames, registers })
      return (values) => {
        gauge.reset()
        for (const { labels, value } of values) gauge.set(labels, value)
      }
    },
  }
}
