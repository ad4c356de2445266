import { Hono } from 'hono'
import type { HttpContext } from '#shared/function/define.ts'
import { linkNext } from './link.ts'
import { readQuery } from './problems.ts'
import { SensorQuery } from './query.ts'
import { readSensors } from './sensors.ts'

/** The routes under `/api/operator`, for operators alone by the access of the function; no cache keeps an answer. */
export function operatorRoutes(ctx: HttpContext): Hono {
  const app = new Hono()

  app.get('/sensors', async (c) => {
    const asked = readQuery(c, SensorQuery)
    if ('refused' in asked) return asked.refused
    const at = { asOf: await ctx.now(), silentAfterMs: ctx.settings.silentAfterMs }
    const { page, next } = await readSensors(ctx.sql, asked.query, at)
    if (next !== undefined) linkNext(c, { after: next })
    return c.json(page, 200, { 'cache-control': 'no-store' })
  })
  return app
}
