import type { BusEvent } from '#shared/bus/port.ts'
import type { ReplayOutcome } from '#shared/contracts/dead-letters.ts'
import { findTopic } from '#shared/contracts/topics.ts'
import type { Database } from '#shared/state/database.ts'
import { logAppend } from '#shared/state/log-append.ts'
import type { Sql } from '#shared/state/sql.ts'
import { transaction } from '#shared/state/transaction.ts'
import { isLeftCall, requeueCall } from '../async/endings.ts'
import { RELAY } from '../connector/relay.ts'
import type { WholeDeadLetter } from './rows.ts'

const MOST_REPLAYS = 5

/** What a replay works with. */
export interface ReplayOptions {
  database: Database
  /** Posts to a function; `detail` says why it failed. */
  deliver(name: string, call: ReplayCall): Promise<{ status: number; detail: string }>
  /** The key that a function of Junction's wants to see; undefined for one that is to see none. */
  keyFor(name: string): Promise<string | undefined>
}

/** One call of a function. */
export interface ReplayCall {
  headers: Record<string, string>
  body: string
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
    junctiontopic: findTopic(letter.topic ?? '') ? undefined : (letter.topic ?? undefined),
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

/** Whether a function is brought its events with a credential: not one that takes foreign events, and none that is not there. */
export const takesKey = (annotations: Record<string, string> | undefined): boolean =>
  annotations !== undefined && annotations.topic === undefined

/** A broken world is not the event's fault: nothing is counted. */
const isWorld = (status: number): boolean => [401, 403, 404, 429, 502, 503, 504].includes(status)

/** Brings one dead letter back to its function; one that was brought back before is left alone. */
export const replayDeadLetter = async (letter: WholeDeadLetter, options: ReplayOptions): Promise<ReplayOutcome> => {
  const { id, consumer, eventId, replays, resolution } = letter
  const outcome = (outcome: ReplayOutcome['outcome'], detail: string) => ({ id, consumer, eventId, outcome, detail })
  const before = outcome('resolved', 'it was brought back before')
  if (resolution !== null) return before
  if (replays >= MOST_REPLAYS) return outcome('refused', `replayed ${replays} times already`)
  if (consumer === RELAY) {
    const came = outcome('resolved', 'it is on the log again, from where the relay forwards it')
    return (await putBack(options.database, letter, came, putOnLog)) ? came : before
  }
  if (isLeftCall(letter)) {
    const came = outcome('resolved', 'it is in the queue of its function again')
    return (await putBack(options.database, letter, came, requeueCall)) ? came : before
  }
  const key = await options.keyFor(consumer)
  const { status, detail } = await options.deliver(consumer, {
    headers: {
      'content-type': 'application/cloudevents+json',
      ...(key !== undefined && { authorization: `Bearer ${key}` }),
    },
    body: cloudEventOf(letter),
  })
  const done = status >= 200 && status < 300
  const came = outcome(
    done ? 'resolved' : isWorld(status) ? 'undelivered' : 'failed',
    done ? 'accepted' : detail || String(status),
  )
  await transaction(options.database, (sql) => keep(sql, came))
  return came
}

/** What the relay was to forward, as it lay on the log. */
const logEventOf = ({ id, topic, partition, eventId, headers, body }: WholeDeadLetter): BusEvent => {
  const { type = '', partitionkey = '', ...attributes } = headers
  return {
    ...{ topic: topic ?? '', partition: partition ?? 0, key: partitionkey, id: eventId ?? id, type },
    ...{ attributes, data: body },
  }
}

const putOnLog = (sql: Sql, letter: WholeDeadLetter): Promise<void> => logAppend(sql, [logEventOf(letter)])

/** Puts it back and closes the letter; false, and nothing done, where another replay or a drop was first. */
const putBack = (
  database: Database,
  letter: WholeDeadLetter,
  came: ReplayOutcome,
  put: (sql: Sql, letter: WholeDeadLetter) => Promise<void>,
): Promise<boolean> =>
  transaction(database, async (sql) => {
    const open = await sql.query('select from dead_letter where id = $1 and resolution is null for update', [letter.id])
    if (open.rows.length === 0) return false
    await keep(sql, came)
    await put(sql, letter)
    return true
  })

const keep = async (sql: Sql, { id, outcome, detail }: ReplayOutcome): Promise<void> => {
  await sql.query(
    `update dead_letter set replays = replays + $2, replayed_at = now(), resolution = case when $3 then 'replayed' else
       resolution end where id = $1`,
    [id, outcome === 'undelivered' ? 0 : 1, outcome === 'resolved'],
  )
  await sql.query('insert into dead_letter_replay (dead_letter, outcome) values ($1, $2)', [
    id,
    `${outcome}: ${detail}`.slice(0, 500),
  ])
}
