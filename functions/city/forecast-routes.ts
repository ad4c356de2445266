import { Hono } from 'hono'
import { etag, RETAINED_304_HEADERS } from 'hono/etag'
import type { ForecastAccuracy, SegmentForecast, TrafficForecasts } from '#shared/contracts/traffic-forecasts.ts'
import type { HttpContext } from '#shared/function/define.ts'
import { readAccuracy } from './accuracy.ts'
import { compare, readOutlook, readOutlooks, toOutlook } from './forecasts.ts'
import { joined } from './joined.ts'
import { linkNext } from './link.ts'
import { noSegment, readQuery } from './problems.ts'
import { AccuracyQuery, ForecastQuery, SegmentName } from './query.ts'
import { pageOf } from './status.ts'
import { tag } from './tag.ts'

const HOUR = 60 * 60 * 1000
const TAGGED = ['/traffic-forecasts', '/forecast-accuracy']

/** The routes under `/api` that tell of the next hour, and how well earlier ones were told. */
export function forecastRoutes(ctx: HttpContext): Hono {
  const app = new Hono()
  const { windowMs } = ctx.settings
  const outlooks = joined(async () => {
    const asOf = await ctx.now()
    const rows = await readOutlooks(ctx.sql)
    const told = (row: (typeof rows)[number]) => ({
      id: row.segment,
      geometry: row.geometry,
      outlook: toOutlook(row, asOf, windowMs),
    })
    return { asOf: asOf.toISOString(), places: rows.map(told) }
  })

  for (const path of TAGGED) app.use(path, etag({ retainedHeaders: [...RETAINED_304_HEADERS, 'as-of'] }))

  app.get('/traffic-forecasts', async (c) => {
    const asked = readQuery(c, ForecastQuery)
    if ('refused' in asked) return asked.refused
    const { asOf, places } = await outlooks()
    const { page, next } = pageOf(places, asked.query)
    if (next !== undefined) linkNext(c, { after: next })
    const body: TrafficForecasts = { asOf, segments: page.map(({ outlook }) => outlook) }
    return c.json(body, 200, { 'cache-control': 'public, max-age=1', 'as-of': asOf, etag: tag(body) })
  })

  app.get('/traffic-status/:segment/forecast', async (c) => {
    const segment = c.req.param('segment')
    const now = await ctx.now()
    const row = SegmentName.safeParse(segment).success ? await readOutlook(ctx.sql, segment) : undefined
    if (!row) return noSegment(c, segment)
    const outlook = toOutlook(row, now, windowMs)
    const asOf = now.toISOString()
    const body: SegmentForecast = { ...outlook, asOf, forecast: await compare(ctx.sql, outlook, ctx.settings) }
    return c.json(body, 200, { 'cache-control': 'public, max-age=1', 'as-of': asOf, etag: tag(body) })
  })

  app.get('/forecast-accuracy', async (c) => {
    const asked = readQuery(c, AccuracyQuery)
    if ('refused' in asked) return asked.refused
    const now = await ctx.now()
    const from = new Date(Math.floor(now.getTime() / HOUR - asked.query.hours) * HOUR)
    const horizons = await readAccuracy(ctx.sql, from)
    const body: ForecastAccuracy = { asOf: now.toISOString(), from: from.toISOString(), horizons }
    return c.json(body, 200, { 'cache-control': 'public, max-age=60', 'as-of': body.asOf, etag: tag(body) })
  })
  return app
}
