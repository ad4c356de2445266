import { setTimeout as sleep } from 'node:timers/promises'
import { Gauge, type Registry } from 'prom-client'
import { type BusParts, openBus } from '#shared/bus/open.ts'
import type { Bus } from '#shared/bus/port.ts'
import { busName, readBusUrl } from '#shared/bus/url.ts'
import { topicPlans } from '#shared/contracts/topics.ts'
import type { Step, Stops } from './steps.ts'

/** What opening the bus of a runtime needs. */
export interface RuntimeBusOptions extends BusParts {
  url: string
  step: Step
  stops: Stops
  say(line: string): void
}

/** A start waits for a broker no longer than this, then goes on without it. */
const PATIENCE_MS = 5_000
const RETRY_MS = 1_000

/**
 * Opens the bus of BUS_URL and makes its topics. A broker that is away holds nothing up: it is said, tried on, and said
 * again once it is there. Throws ConfigurationError for topics that are not as the registry has them.
 */
export const openRuntimeBus = async ({ url, step, stops, say, ...parts }: RuntimeBusOptions): Promise<Bus> => {
  const bus = await openBus(url, parts)
  const name = busName(readBusUrl(url))
  const stopped = new AbortController()
  stops.add('the bus', () => {
    stopped.abort()
    return bus.close()
  })
  const ensure = () => bus.ensureTopics(topicPlans)
  let first = ensure()
  const fault = await step(
    'bus',
    () => Promise.race([faultOf(first), sleep(PATIENCE_MS, `${name} does not answer`, { ref: false })]),
    (text) => (text === undefined ? name : `${text}: waited for, readings are answered 503 meanwhile`),
  )
  if (fault === undefined) return bus

  const wait = async () => {
    for (;;) {
      const text = await faultOf(first)
      if (text === undefined) return say(`  bus: ${name} is there`)
      await sleep(RETRY_MS, undefined, { signal: stopped.signal, ref: false })
      first = ensure()
    }
  }
  void wait().catch((error: Error) => {
    if (!stopped.signal.aborted) say(`  bus: ${error.message}`)
  })
  return bus
}

/** Shows in the metrics which bus is in use. */
export const showBus = (registry: Registry, bus: string): void => {
  const labelNames = ['bus']
  new Gauge({ name: 'junction_bus_info', help: '1, with the bus in use', labelNames, registers: [registry] }).set(
    { bus },
    1,
  )
}

/** Why the topics could not be made, undefined once they are there; throws what waiting does not mend. */
const faultOf = async (ensured: Promise<void>): Promise<string | undefined> => {
  try {
    await ensured
    return undefined
  } catch (error) {
    if ((error as { code?: unknown }).code === 'configuration') throw error
    return (error as Error).message
  }
}
