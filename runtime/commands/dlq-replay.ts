import { setTimeout as sleep } from 'node:timers/promises'
import type { ReplayOutcome } from '#shared/contracts/dead-letters.ts'
import type { Database } from '#shared/state/database.ts'
import { type ReplayCall, replayDeadLetter, takesKey } from '../dead-letters/replay.ts'
import { type DeadLetterRow, findDeadLetter } from '../dead-letters/rows.ts'
import { failureOf, type Reached } from './running.ts'

/** How many are brought back, and who hears of it. */
export interface ReplayAllOptions {
  database: Database
  running: Reached
  /** Dead letters a second. */
  rate: number
  onOutcome(outcome: ReplayOutcome): void
}

/** Brings dead letters back to their functions, one after the other; ends early when the gateway cannot deliver. */
export const replayAll = async (letters: DeadLetterRow[], options: ReplayAllOptions): Promise<ReplayOutcome[]> => {
  const { database, running, rate, onOutcome } = options
  const keyFor = async (name: string) =>
    takesKey(await running.annotationsOf(name)) ? running.secret('invoke-key') : undefined
  const deliver = async (name: string, call: ReplayCall) => {
    const response = await running.fetch(`/function/${encodeURIComponent(name)}`, { method: 'POST', ...call })
    return { status: response.status, detail: response.ok ? '' : await failureOf(response) }
  }
  const outcomes: ReplayOutcome[] = []
  for (const [nth, { id }] of letters.entries()) {
    if (nth > 0) await sleep(1000 / rate)
    const letter = await findDeadLetter(database, id)
    if (letter === undefined) continue
    const came = await replayDeadLetter(letter, { database, deliver, keyFor })
    outcomes.push(came)
    onOutcome(came)
    if (came.outcome === 'undelivered') break
  }
  return outcomes
}
