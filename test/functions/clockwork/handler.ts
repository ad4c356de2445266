import { setTimeout as delay } from 'node:timers/promises'
import { defineFunction } from '#shared/function/define.ts'
import { PermanentError, RetryableError, ThrottledError } from '#shared/function/errors.ts'
import { gate } from '../gate.ts'

/** What the beginning of a device's name makes of its event. */
const DEEDS: Record<string, (device: string) => unknown> = {
  poison: (device) => {
    throw new PermanentError(`${device} is poison`, { status: 404 })
  },
  later: () => {
    throw new RetryableError('later')
  },
  slower: () => {
    throw new ThrottledError('slower')
  },
  broken: () => {
    throw new Error('broken')
  },
  /** As many milliseconds as the name says, as in `wait-500`. */
  wait: (device) => delay(Number(device.slice(5))),
  /** Until the gate of its name is open. */
  gate,
}

/** Notes each tick and each event in a table, which has no unique key: what is done twice shows. */
export default defineFunction({
  name: 'clockwork',
  consumes: ['readings'],
  once: true,
  async onEvents(events, { sql }) {
    const devices = events.map(({ data }) => data.device)
    for (const device of devices) await DEEDS[device.split('-', 1)[0] as string]?.(device)
    await sql.query('insert into effect (what) select * from unnest($1::text[])', [devices])
    return undefined
  },
  async onSchedule({ plannedAt }, { sql }) {
    await sql.query('insert into effect (what) values ($1)', [plannedAt.toISOString()])
    return undefined
  },
})
