import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { ReplicaPools } from '../replicas/pools.ts'
import { fullName } from '../stack/key.ts'

/** The gateway's metrics under OpenFaaS's names. */
export interface Metrics {
  registry: Registry
  /** Counts a call that begins; the result counts its end with the status. */
  begin(key: string): (status: number) => void
  /** Calls of a function so far, whatever their status. */
  invocations(key: string): number
  /** Those of them that ended with a status from 500. */
  errors(key: string): number
  /** Counts a request to the platform itself. */
  platform(method: string, path: string, status: number, seconds: number): void
}

/** Makes the metrics in a registry of their own; functions come and go, and go by their keys. */
export const createMetrics = (keys: () => string[], pools: Pick<ReplicaPools, 'get'>): Metrics => {
  const registry = new Registry()
  const registers = [registry]
  const started = new Counter({
    name: 'gateway_function_invocation_started',
    help: 'The total number of function HTTP requests started.',
    labelNames: ['function_name'],
    registers,
  })
  const total = new Counter({
    name: 'gateway_function_invocation_total',
    help: 'Function metrics',
    labelNames: ['function_name', 'code'],
    registers,
  })
  const seconds = new Histogram({
    name: 'gateway_functions_seconds',
    help: 'Function time taken',
    labelNames: ['function_name', 'code'],
    registers,
  })
  new Gauge({
    name: 'gateway_service_count',
    help: 'Current count of replicas for function',
    labelNames: ['function_name'],
    registers,
    collect() {
      this.reset()
      for (const key of keys()) this.set({ function_name: fullName(key) }, pools.get(key)?.counts().ready ?? 0)
    },
  })
  const requests = new Counter({
    name: 'provider_http_requests_total',
    help: 'The total number of HTTP requests.',
    labelNames: ['code', 'method', 'path'],
    registers,
  })
  const duration = new Histogram({
    name: 'provider_http_request_duration_seconds',
    help: 'Seconds spent serving HTTP requests.',
    labelNames: ['code', 'method', 'path'],
    registers,
  })
  const counts = new Map<string, number>()
  const failures = new Map<string, number>()
  return {
    registry,
    begin: (key) => {
      const begun = performance.now()
      started.inc({ function_name: fullName(key) })
      return (status) => {
        counts.set(key, (counts.get(key) ?? 0) + 1)
        if (status >= 500) failures.set(key, (failures.get(key) ?? 0) + 1)
        const labels = { function_name: fullName(key), code: String(status) }
        total.inc(labels)
        seconds.observe(labels, (performance.now() - begun) / 1000)
      }
    },
    invocations: (key) => counts.get(key) ?? 0,
    errors: (key) => failures.get(key) ?? 0,
    platform: (method, path, status, took) => {
      const labels = { code: String(status), method, path }
      requests.inc(labels)
      duration.observe(labels, took)
    },
  }
}
