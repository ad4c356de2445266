import { setTimeout as sleep } from 'node:timers/promises'
import { findTopic } from '#shared/contracts/topics.ts'
import type { Database } from '#shared/state/database.ts'
import { transaction } from '#shared/state/transaction.ts'
import { type DeadLetterRow, readDeadLetter, type WholeDeadLetter } from './dlq-rows.ts'
import { failureOf } from './running.ts'

const MOST_REPLAYS = 5

/** What came of one replay. */
export interface ReplayOutcome {
  id: string
  consumer: string
  eventId: string | null
  /** `resolved`: its function has it. `failed`: it refused again. `refused`: replayed too often. `undelivered`: nobody answered. */
  outcome: 'resolved' | 'failed' | 'refused' | 'undelivered'
  detail: string
}

/** What a replay works with. */
export interface ReplayOptions {
  database: Database
  /** Posts to a path of the gateway. */
  fetch(path: string, init: RequestInit): Promise<Response>
  invokeKey: string
  /** Dead letters a second. */
  rate: number
  onOutcome(outcome: ReplayOutcome): void
}

/** The event of a dead letter as a structured CloudEvent: same id, source and type, its data as they were. */
export const cloudEventOf = (letter: WholeDeadLetter): string => {
  const { source, type, time, subject, traceparent } = letter.headers
  const attributes = {
    specversion: '1.0',
    id: letter.eventId ?? letter.id,
    source: source ?? `/topic/${letter.topic}`,
    type: type ?? findTopic(letter.topic ?? '')?.type ?? letter.topic,
    datacontenttype: 'application/json',
    time,
    subject,
    traceparent,
    junctionpart: letter.part ?? undefined,
  }
  const head = JSON.stringify(attributes).slice(0, -1)
  return isJson(letter.body)
    ? `${head},"data":${letter.body.toString('utf8')}}`
    : `${head},"data_base64":"${letter.body.toString('base64')}"}`
}

const isJson = (body: Buffer): boolean => {
  try {
    JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
    return true
  } catch {
    return false
  }
}

/** A broken world is not the event's fault: nothing is counted, and the run ends. */
const isWorld = (status: number): boolean => [401, 403, 404, 429, 502, 503, 504].includes(status)

/** Brings dead letters back to their functions, one after the other; ends early when the gateway cannot deliver. */
export const replayDeadLetters = async (letters: DeadLetterRow[], options: ReplayOptions): Promise<ReplayOutcome[]> => {
  const outcomes: ReplayOutcome[] = []
  for (const [nth, { id, consumer, eventId, replays }] of letters.entries()) {
    if (nth > 0) await sleep(1000 / options.rate)
    const { outcome, detail } =
      replays >= MOST_REPLAYS
        ? { outcome: 'refused' as const, detail: `replayed ${replays} times already` }
        : await replayOne(await readDeadLetter(options.database, id), options)
    outcomes.push({ id, consumer, eventId, outcome, detail })
    options.onOutcome({ id, consumer, eventId, outcome, detail })
    if (outcome === 'undelivered') break
  }
  return outcomes
}

const replayOne = async (letter: WholeDeadLetter, { database, fetch, invokeKey }: ReplayOptions) => {
  const response = await fetch(`/function/${encodeURIComponent(letter.consumer)}`, {
    method: 'POST',
    headers: { 'content-type': 'application/cloudevents+json', authorization: `Bearer ${invokeKey}` },
    body: cloudEventOf(letter),
  })
  const detail = response.ok ? 'accepted' : await failureOf(response)
  const outcome = response.ok ? 'resolved' : isWorld(response.status) ? 'undelivered' : 'failed'
  const counted = outcome === 'undelivered' ? 0 : 1
  await transaction(database, async (sql) => {
    await sql.query(
      `update dead_letter set replays = replays + $2, replayed_at = now(), resolution = case when $3 then 'replayed' else
         resolution end where id = $1`,
      [letter.id, counted, outcome === 'resolved'],
    )
    await sql.query('insert into dead_letter_replay (dead_letter, outcome) values ($1, $2)', [
      letter.id,
      `${outcome}: ${detail}`.slice(0, 500),
    ])
  })
  return { outcome, detail } as const
}
