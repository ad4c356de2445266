import { unlinkSync } from 'node:fs'
import { defineFunction } from '#shared/function/define.ts'
import type { RunUnit, UnitHost } from '#shared/function/unit.ts'

/** Counts every effect it has into a table without a unique key, so that a repeated or lost one shows. */
export const counting = defineFunction({
  name: 'counting',
  consumes: ['readings'],
  async onEvents(events, { sql }) {
    await sql.query(
      `insert into counted (id, topic, partition, "offset")
       select * from unnest($1::text[], $2::text[], $3::int[], $4::bigint[])`,
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

/** Dies by SIGKILL where it stands if the harness has left the order to. */
export function dieIfOrdered(): void {
  try {
    unlinkSync(process.env.DIE_ORDER as string)
  } catch {
    return
  }
  process.kill(process.pid, 'SIGKILL')
}

/** Runs units by `runUnit`, dies on order between the effect and the answer, and notes each unit done before. */
export const mortal =
  (runUnit: RunUnit): RunUnit =>
  async (host, work) => {
    try {
      await runUnit(host, work)
    } catch (error) {
      if ((error as { code?: string }).code === 'JN001') await noteRedelivery(host)
      throw error
    }
    dieIfOrdered()
  }

const noteRedelivery = (host: UnitHost) => host.database.query('insert into redelivered default values')
