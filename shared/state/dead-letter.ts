import type { DeadLetterReason } from '#shared/function/errors.ts'
import type { Sql } from './sql.ts'

/** An event, or a part of one, that failed for good: raw bytes and why. */
export interface DeadLetter {
  /** Made by PostgreSQL unless given. */
  id?: string
  consumer: string
  topic?: string | undefined
  partition?: number | undefined
  offset?: bigint | undefined
  eventId?: string | undefined
  /** Names a part within the event. */
  part?: string | undefined
  reason: DeadLetterReason
  errorClass: string
  error: string
  attempts: number
  /** Milliseconds since the first attempt; 0 unless given. */
  ageMs?: number | undefined
  functionVersion?: string | undefined
  traceId?: string | undefined
  /** The CloudEvents attributes, as strings. */
  headers: Record<string, string>
  body: Uint8Array
}

/** Writes dead letters; in a unit they come after the business tables and before the position. */
export async function insertDeadLetters(sql: Sql, letters: DeadLetter[]): Promise<void> {
  for (const letter of letters) {
    await sql.query(
      `insert into dead_letter (consumer, topic, partition, "offset", event_id, part, reason, error_class, error, attempts,
         first_seen, function_version, trace_id, headers, body, id)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, now() - $11::float8 * interval '1 ms', $12, $13, $14, $15,
         coalesce($16, gen_random_uuid()))`,
      [
        letter.consumer,
        letter.topic ?? null,
        letter.partition ?? null,
        letter.offset?.toString() ?? null,
        orNull(letter.eventId),
        orNull(letter.part),
        letter.reason,
        printable(letter.errorClass, 256),
        printable(letter.error, 2000),
        letter.attempts,
        letter.ageMs ?? 0,
        letter.functionVersion ?? null,
        orNull(letter.traceId),
        JSON.stringify(
          Object.fromEntries(Object.entries(letter.headers).map(([name, value]) => [name, printable(value, 256)])),
        ),
        Buffer.from(letter.body.buffer, letter.body.byteOffset, letter.body.byteLength),
        letter.id ?? null,
      ],
    )
  }
}

const orNull = (text: string | undefined): string | null => (text === undefined ? null : printable(text, 256))

// What PostgreSQL's text or a terminal could not take is escaped.
function printable(text: string, length: number): string {
  const escaped = text
    .toWellFormed()
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is escaped
    .replace(/[\u0000-\u001f\u007f-\u009f]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)
  return escaped.slice(0, length)
}
