import { setTimeout as delay } from 'node:timers/promises'
import { Hono } from 'hono'
import { defineFunction } from '#shared/function/define.ts'
import { PermanentError, RetryableError } from '#shared/function/errors.ts'

const hoard: unknown[] = []
let failures = 0

/** What the beginning of a device's name makes of its event; all others are counted. */
const MISDEEDS: Record<string, (device: string) => void> = {
  poison: (device) => {
    throw new PermanentError(`${device} is poison`)
  },
  killer: () => process.kill(process.pid, 'SIGKILL'),
  /** Each fails once with the SQLSTATE in its name, as in `state40P01-3`. */
  state: (device) => {
    if (!seenBefore.has(device)) throw Object.assign(new Error('as ordered'), { code: device.slice(5, 10) })
  },
  flaky: () => {
    if (++failures % 3 !== 0) throw new RetryableError('as ordered')
  },
}
const seenBefore = new Set<string>()

function misbehave(device: string): void {
  const word = Object.keys(MISDEEDS).find((name) => device.startsWith(name))
  try {
    if (word !== undefined) MISDEEDS[word]?.(device)
  } finally {
    seenBefore.add(device)
  }
}

/** Counts effects as the counting function does, misbehaves where the event or the path asks for it. */
export const unruly = defineFunction({
  name: 'unruly',
  consumes: ['readings'],
  async onEvents(events, { sql }) {
    for (const { data } of events) misbehave(data.device)
    await sql.query(
      `insert into counted (id, topic, partition, "offset")
       select * from unnest($1::text[], $2::text[], $3::int[], $4::bigint[])`,
      [
        events.map(({ id }) => id),
        events.map(({ topic }) => topic),
        events.map(({ partition }) => partition ?? null),
        events.map(({ offset }) => offset?.toString() ?? null),
      ],
    )
    return undefined
  },
  async onSchedule({ plannedAt }, { sql }) {
    await sql.query('insert into counted (id) values ($1)', [plannedAt.toISOString()])
    return undefined
  },
  http: () =>
    new Hono()
      .post('/ok', (c) => c.text('ok'))
      .post('/wait/:ms', async (c) => {
        await delay(Number(c.req.param('ms')))
        return c.text('waited')
      })
      .post('/block/:ms', (c) => {
        for (const end = performance.now() + Number(c.req.param('ms')); performance.now() < end; );
        return c.text('blocked')
      })
      .post('/leak/:mb', (c) => {
        for (let i = 0; i < Number(c.req.param('mb')); i++) hoard.push(Array.from({ length: 131_072 }, Math.random))
        return c.text(String(hoard.length))
      }),
})
