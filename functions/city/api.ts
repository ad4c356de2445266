import { type Context, Hono } from 'hono'
import { etag, RETAINED_304_HEADERS } from 'hono/etag'
import type { PageSettings, SegmentDevices, TrafficProfile } from '#shared/contracts/page.ts'
import type { TrafficCollection, TrafficFeature, TrafficHistory } from '#shared/contracts/traffic-status.ts'
import type { HttpContext } from '#shared/function/define.ts'
import type { Sql } from '#shared/state/sql.ts'
import { readDevices } from './devices.ts'
import { forecastRoutes } from './forecast-routes.ts'
import { readHistory } from './history.ts'
import { joined } from './joined.ts'
import { linkNext } from './link.ts'
import { openLive } from './live.ts'
import { openApi } from './openapi.ts'
import { operatorRoutes } from './operator.ts'
import { cityPage } from './page.ts'
import { noSegment, readQuery, refuse } from './problems.ts'
import { readProfile } from './profile.ts'
import { HistoryQuery, ProfileQuery, SegmentName, StatusQuery } from './query.ts'
import { lastSeen } from './sse.ts'
import { readSegment, readStatus, selectFeatures, toFeature } from './status.ts'
import { tag } from './tag.ts'

const DAY = 24 * 60 * 60 * 1000
const GEO = { 'content-type': 'application/geo+json', 'cache-control': 'public, max-age=1' }

/** What the server hands over: aborted when the client goes away and when a stream has lasted STREAM_MAX. */
interface Bindings {
  signal?: AbortSignal
}

/** The routes of the function `city`; all of them are read-only. */
export function cityApi(ctx: HttpContext): Hono {
  const app = new Hono()
  const live = openLive(ctx)
  const contract = once(openApi)
  const features = joined(async () => {
    const asOf = await ctx.now()
    const rows = await readStatus(ctx.sql)
    return { asOf, features: rows.map((row) => toFeature(row, asOf, ctx.settings.windowMs)) }
  })

  app.use(async (c, next) => {
    if (c.req.method === 'GET' || c.req.method === 'HEAD') return next()
    const refused = refuse(c, 405, 'method_not_allowed', { detail: 'everything here is only read: use GET' })
    refused.headers.set('allow', 'GET, HEAD')
    return refused
  })
  app.use('/api/traffic-status/*', etag({ retainedHeaders: [...RETAINED_304_HEADERS, 'as-of'] }))

  app.get('/api/traffic-status', async (c) => {
    const asked = readQuery(c, StatusQuery)
    if ('refused' in asked) return asked.refused
    const { asOf, features: all } = await features()
    const { page, next } = selectFeatures(all, asked.query)
    if (next !== undefined) linkNext(c, { after: next })
    const body: TrafficCollection = { type: 'FeatureCollection', features: page }
    return c.body(JSON.stringify(body), 200, { ...GEO, 'as-of': asOf.toISOString(), etag: tag(page) })
  })

  app.get('/api/traffic-status/:segment', async (c) => {
    const segment = c.req.param('segment')
    const asOf = await ctx.now()
    const row = SegmentName.safeParse(segment).success ? await readSegment(ctx.sql, segment) : undefined
    if (!row) return noSegment(c, segment)
    const body: TrafficFeature = toFeature(row, asOf, ctx.settings.windowMs)
    return c.body(JSON.stringify(body), 200, { ...GEO, 'as-of': asOf.toISOString(), etag: tag([body]) })
  })

  app.get('/api/traffic-status/:segment/history', async (c) => {
    const segment = c.req.param('segment')
    const asked = readQuery(c, HistoryQuery)
    if ('refused' in asked) return asked.refused
    const { limit, to = await ctx.now(), from = new Date(to.getTime() - DAY) } = asked.query
    if (from >= to) return backwards(c)
    if (!SegmentName.safeParse(segment).success) return noSegment(c, segment)
    const { states, next } = await readHistory(ctx.sql, segment, { from, to, limit })
    if (states.length === 0 && !(await readSegment(ctx.sql, segment))) return noSegment(c, segment)
    if (next) linkNext(c, { from: next.toISOString(), to: to.toISOString() })
    const body: TrafficHistory = { segment, from: from.toISOString(), to: to.toISOString(), states }
    return c.json(body, 200, { 'cache-control': 'public, max-age=1' })
  })

  app.get('/api/traffic-status/:segment/profile', async (c) => {
    const segment = c.req.param('segment')
    const asked = readQuery(c, ProfileQuery)
    if ('refused' in asked) return asked.refused
    const { windowMs, timeZone = 'UTC' } = ctx.settings
    const { to = windowAt(await ctx.now(), windowMs), from = new Date(to.getTime() - DAY) } = asked.query
    if (from >= to) return backwards(c)
    if (to.getTime() - from.getTime() > 2 * DAY) return tooLong(c)
    if (!(await isSegment(ctx.sql, segment))) return noSegment(c, segment)
    const slots = await readProfile(ctx.sql, segment, { from: windowAt(from, windowMs), to, windowMs, timeZone })
    const body: TrafficProfile = { segment, from: from.toISOString(), to: to.toISOString(), slots }
    return c.json(body, 200, { 'cache-control': 'public, max-age=60' })
  })

  app.get('/api/traffic-status/:segment/devices', async (c) => {
    const segment = c.req.param('segment')
    if (!(await isSegment(ctx.sql, segment))) return noSegment(c, segment)
    const body: SegmentDevices = { segment, devices: await readDevices(ctx.sql, segment) }
    return c.json(body, 200, { 'cache-control': 'public, max-age=1' })
  })

  app.get('/api/events', async (c) => {
    const last = lastSeen(c.req.header('last-event-id'))
    if (last === null) {
      const errors = [{ path: '/Last-Event-ID', message: 'must be the id of a message of this stream' }]
      return refuse(c, 400, 'invalid', { detail: 'the header Last-Event-ID is not valid', errors })
    }
    const headers = { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' }
    // The answer to HEAD has no body, so nobody would ever end its stream.
    if (c.req.method === 'HEAD') return c.body(null, 200, headers)
    return c.body(await live.open(last, (c.env as Bindings | undefined)?.signal ?? c.req.raw.signal), 200, headers)
  })

  app.get('/api/settings', (c) => {
    const { windowMs, timeZone = null, mapStyleUrl = null } = ctx.settings
    const body: PageSettings = { windowMs, timeZone, mapStyleUrl }
    return c.json(body, 200, { 'cache-control': 'public, max-age=60' })
  })

  app.route('/api', forecastRoutes(ctx))
  app.route('/api/operator', operatorRoutes(ctx))
  app.get('/openapi.json', (c) => c.json(contract(), 200, { 'cache-control': 'public, max-age=60' }))
  app.route('/', cityPage(ctx.assets, ctx.settings.mapStyleUrl))
  return app
}

const isSegment = async (sql: Sql, segment: string): Promise<boolean> =>
  SegmentName.safeParse(segment).success && (await readSegment(sql, segment)) !== undefined

/** The end of the window an instant lies in, or the instant itself where one begins. */
const windowAt = (at: Date, windowMs: number): Date => new Date(Math.ceil(at.getTime() / windowMs) * windowMs)

const badRange = (path: string, message: string) => (c: Context) =>
  refuse(c, 400, 'invalid', { detail: 'the query is not valid', errors: [{ path, message }] })
const backwards = badRange('/from', 'must be before `to`')
const tooLong = badRange('/from', 'must be at most 48 hours before `to`')

const once = <T>(make: () => T): (() => T) => {
  let made: { value: T } | undefined
  return () => {
    made ??= { value: make() }
    return made.value
  }
}
