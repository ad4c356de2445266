import type { Database } from '#shared/state/database.ts'
import { transaction } from '#shared/state/transaction.ts'

/** Who drops dead letters, and why. */
export interface DropReason {
  who: string
  why: string
}

/** Marks open dead letters as dropped, each with its row in the audit table; answers the ids of those that were open. */
export const dropDeadLetters = (database: Database, ids: string[], { who, why }: DropReason): Promise<string[]> =>
  transaction(database, async (sql) => {
    const { rows } = await sql.query<{ id: string }>(
      `with dropped as (
         update dead_letter set resolution = 'dropped' where id in (
           select id from dead_letter where id = any($1) and resolution is null order by id for update)
         returning id)
       insert into dead_letter_drop (dead_letter, who, why) select id, $2, $3 from dropped order by id
       returning dead_letter as id`,
      [ids, who, why],
    )
    return rows.map(({ id }) => id)
  })
