import { defineFunction } from '#shared/function/define.ts'

/** Counts every effect it has into a table without a unique key, so that a repeated or lost one shows. */
export default defineFunction({
  name: 'counting',
  consumes: ['readings'],
  async onEvents(events, { sql }) {
    await sql.query(
      `insert into counted (id, topic, partition, "offset") select * from unnest($1::text[], $2::text[], $3::int[], $4::bigint[])`,
      [
        events.map(({ id }) => id),
        events.map(({ topic }) => topic),
        events.map(({ partition }) => partition),
        events.map(({ offset }) => String(offset)),
      ],
    )
    return undefined
  },
})
