import { Counter, Gauge, type Registry } from 'prom-client'
import { fullName } from '../stack/key.ts'

/** What the queues count. */
export interface QueueMetrics {
  submitted(key: string): void
  /** A call is over. */
  processed(key: string, state: 'done' | 'failed'): void
}

const QUEUE = 'faas-request'

/** Registers the metrics of the queues under OpenFaaS's names. */
export const queueMetrics = (registry: Registry, pending: () => Map<string, number>): QueueMetrics => {
  const registers = [registry]
  new Gauge({
    name: 'queue_worker_pending_messages',
    help: 'Calls that wait in the queue of a function',
    labelNames: ['queue_name', 'function_name'],
    registers,
    collect() {
      this.reset()
      for (const [key, count] of pending()) this.set({ queue_name: QUEUE, function_name: fullName(key) }, count)
    },
  })
  const submitted = new Counter({
    name: 'queue_worker_messages_submitted_total',
    help: 'Calls that were accepted for later',
    labelNames: ['queue_name', 'function_name'],
    registers,
  })
  const processed = new Counter({
    name: 'queue_worker_messages_processed_total',
    help: 'Accepted calls that are over, by whether they succeeded',
    labelNames: ['queue_name', 'function_name', 'status'],
    registers,
  })
  return {
    submitted: (key) => submitted.inc({ queue_name: QUEUE, function_name: fullName(key) }),
    processed: (key, status) => processed.inc({ queue_name: QUEUE, function_name: fullName(key), status }),
  }
}
