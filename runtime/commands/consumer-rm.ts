import { transaction } from '#shared/state/transaction.ts'
import { UserError } from '../user-error.ts'
import { findRunning } from './running.ts'
import { readStatus } from './status.ts'

/** Forgets the positions, alarms, schedules and markers of a consumer that is no longer deployed. */
export const consumerRemove = async (folder: string, name: string) => {
  const running = await findRunning(folder)
  const { consumers } = (await readStatus(running)).connector
  if (consumers.some(({ consumer }) => consumer === name))
    throw new UserError(`${name} is deployed: take it out of stack.yml and start again before removing its positions`)
  const removed = await running.withDatabase((database) =>
    transaction(database, async (sql) => {
      const remove = async (table: string) =>
        (await sql.query(`delete from ${table} where consumer = $1`, [name])).rowCount ?? 0
      const alarms = await remove('alarm')
      const markers = await remove('inbox')
      await sql.query('delete from consumer where name = $1', [name])
      const positions = await remove('position')
      const schedules = await remove('schedule')
      return { consumer: name, positions, alarms, schedules, markers }
    }),
  )
  if (removed.positions + removed.alarms + removed.schedules + removed.markers === 0)
    throw new UserError(`there is no consumer ${name}: nothing was removed`)
  return removed
}
