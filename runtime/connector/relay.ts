import type { Bus, BusEvent, LogEvent } from '#shared/bus/port.ts'
import { ConfigurationError } from '#shared/configuration-error.ts'
import { topics } from '#shared/contracts/topics.ts'
import { type AttemptLimits, attempt } from './attempt.ts'
import type { Delivery } from './delivery.ts'
import { checkLadder } from './ladder.ts'
import { createMember, type Member, type Shared } from './member.ts'
import { positionsOf } from './positions.ts'
import type { FunctionSpec } from './types.ts'
import type { Silence, Verdict } from './verdict.ts'

/** The consumer that forwards the PostgreSQL log, where units of work append, to the bus. */
export const RELAY = 'relay'

/** Partitions at a time: one is appended while others are read, and together they are less than may wait for a bus. */
const IN_FLIGHT = 4

/** The relay as a consumer: every topic, from the first event on. */
const relaySpec: FunctionSpec = {
  name: RELAY,
  topics: Object.keys(topics),
  foreignTopic: undefined,
  schedule: undefined,
  foreignSchedule: false,
  batch: 500,
  lingerMs: 0,
  from: 'earliest',
  execTimeoutMs: 10_000,
}

/** Creates the relay from the log of PostgreSQL to the bus of the connector. */
export function createRelay(from: Bus, shared: Shared): Member {
  const { time, cut, database, functions } = shared
  if (functions.some(({ name }) => name === RELAY)) {
    throw new ConfigurationError(
      `no function may be called ${RELAY}: it is what forwards the log to the bus; rename yours`,
    )
  }
  const { attempt: attemptMs } = checkLadder(RELAY, relaySpec.execTimeoutMs)
  const delivery = relayDelivery(shared.bus, { attemptMs, time, cut })
  const positions = positionsOf(database, from)
  return createMember(relaySpec, { ...shared, bus: from, positions, maxInFlight: () => IN_FLIGHT }, delivery)
}

/** Forwards slices in order and moves the position after the bus has them: what is killed between repeats, nothing is lost. */
function relayDelivery(to: Bus, limits: AttemptLimits): Delivery {
  return {
    batch: relaySpec.batch,
    movesPosition: true,
    async send({ first, next, events }) {
      const appended = await attempt(() => to.append(events.map(forwarded)), limits)
      const verdict: Verdict = appended === undefined ? { kind: 'done', next } : judgeAppend(appended)
      return { events, first, next, verdict }
    },
  }
}

const forwarded = (event: LogEvent): BusEvent => {
  const { topic, partition, offset, key, id, type, attributes, data } = event
  return { topic, partition, key, id, type, attributes, data, dedupeId: `${partition}/${offset}` }
}

// A bus that cannot take anything is not the fault of any event; one that refuses an event will always refuse it.
function judgeAppend({ failed, why }: { failed: unknown; why: Silence }): Verdict {
  const { code, message } = (typeof failed === 'object' && failed !== null ? failed : {}) as Record<string, unknown>
  const error = typeof message === 'string' ? message : String(failed)
  if (why === 'lost' && (code === 'oversize' || code === 'invalid')) return { kind: 'whole', code, error, final: true }
  if (code === 'configuration' || code === 'auth') return { kind: 'stop', code, error }
  return { kind: 'world', code: code === 'throttled' ? code : 'unavailable', error: `the bus took nothing: ${error}` }
}
