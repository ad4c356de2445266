import type { BusEvent } from '#shared/bus/port.ts'
import type { Sql } from './sql.ts'

/** Appends to the PostgreSQL log; in a unit it is the last statement before COMMIT, for it holds its partitions. */
export async function logAppend(sql: Sql, events: BusEvent[]): Promise<void> {
  if (events.length === 0) return
  await sql.query('select log_append($1, $2, $3, $4, $5, $6, $7, $8)', [
    events.map((event) => event.topic),
    events.map((event) => event.partition),
    events.map((event) => event.key),
    events.map((event) => event.id),
    events.map((event) => event.type),
    events.map((event) => JSON.stringify(event.attributes)),
    events.map((event) => event.data.byteLength),
    Buffer.concat(events.map((event) => event.data)),
  ])
}
