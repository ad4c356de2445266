import type { DeadLetterPage } from '#shared/contracts/dead-letters.ts'
import type { RuntimeStatus } from '#shared/contracts/runtime-status.ts'
import type { SensorHealthPage } from '#shared/contracts/sensor-health.ts'
import type { Answer, Filter, OperatorClient } from './client.ts'

/** One part of what is shown: the newest value there was, and why there is no newer one. */
export interface Part<T> {
  value: T | undefined
  /** When the value came, real time; 0 = never. */
  at: number
  absent: boolean
  fault: string | undefined
}

/** All that the view shows. */
export interface Snapshot {
  status: Part<RuntimeStatus>
  letters: Part<DeadLetterPage>
  sensors: Part<SensorHealthPage>
  /** Why a token is wanted, where one is. */
  locked: string | undefined
}

/** What one look brought. */
export interface Look {
  status: Answer<RuntimeStatus>
  letters: Answer<DeadLetterPage>
  sensors: Answer<SensorHealthPage>
}

/** Before anything was asked for. */
export const NOTHING = { value: undefined, at: 0, absent: false, fault: undefined }

/** Before the first look. */
export const EMPTY: Snapshot = { status: NOTHING, letters: NOTHING, sensors: NOTHING, locked: undefined }

/** Asks for everything; a token that the gateway refuses is shown to nobody but the city. */
export async function lookAround(client: OperatorClient, filter: Filter, signal: AbortSignal): Promise<Look> {
  const status = await client.status(signal)
  const own = status.kind === 'here' || status.kind === 'failed'
  const [letters, sensors] = await Promise.all([
    own ? client.deadLetters(filter, signal) : status,
    client.sensors(filter, signal),
  ])
  return { status, letters, sensors }
}

/** What is shown after a look: a part that failed keeps its value, with the reason. */
export function afterLook(before: Snapshot, { status, letters, sensors }: Look, now: number): Snapshot {
  if (sensors.kind === 'locked') return { ...EMPTY, locked: 'why' in status ? status.why : sensors.why }
  // A foreign gateway has credentials of its own, which are none of the city's.
  if (status.kind === 'locked' && (status.own || sensors.kind !== 'here')) return { ...EMPTY, locked: status.why }
  return {
    status: partAfter(before.status, status, now),
    letters: partAfter(before.letters, letters, now),
    sensors: partAfter(before.sensors, sensors, now),
    locked: undefined,
  }
}

/** What is shown of a part after an answer. */
export const partAfter = <T>(before: Part<T>, answer: Answer<T>, now: number): Part<T> => {
  if (answer.kind === 'here') return { value: answer.value, at: now, absent: false, fault: undefined }
  if (answer.kind === 'failed') return { ...before, absent: false, fault: answer.why }
  return { ...NOTHING, absent: true }
}

/** A part without a fault that is told elsewhere. */
export const withoutFault = <T>(part: Part<T>, fault: string | undefined): Part<T> =>
  part.fault === fault ? { ...part, fault: undefined } : part
