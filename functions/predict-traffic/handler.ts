import { defineFunction } from '#shared/function/define.ts'
import type { Sql } from '#shared/state/sql.ts'
import { forecastApp } from './app.ts'
import { forecastsOf, type ScoredForecast, withoutScore } from './forecast.ts'
import { keepForecasts, purgeForecasts, purgeScores } from './keep.ts'
import { openModels } from './models.ts'
import { newestWindow, readPast } from './read.ts'
import { readAccuracy, scoreForecasts } from './score.ts'
import { openService, type WithService } from './service.ts'
import { openTell, type Tell } from './told.ts'

/** States of the last hour to forecasts of the next; the models are an argument, so that a test can bring its own. */
export const predictTraffic = (open = openModels) => {
  let parts: Parts | undefined
  const started = (): Parts => {
    if (parts === undefined) throw new Error('predict-traffic is asked before it has started')
    return parts
  }
  return defineFunction({
    name: 'predict-traffic',
    produces: ['traffic.forecasts'],
    // A forecast of numbers of one's own costs computing, so it asks for a key; those of the city are public in `city`.
    access: { '/': 'device', '/openapi.json': 'anonymous' },

    async onStart(ctx) {
      parts = { read: ctx.sql, tell: openTell(ctx), withService: await openService(ctx, open) }
    },

    /** Forecasts every segment from the newest window, once a window, and scores the points whose time has come. */
    async onSchedule(_tick, { sql, now, settings }) {
      const { read, tell, withService } = started()
      const { windowMs } = settings
      const moment = { base: newestWindow(now(), windowMs), windowMs, now: now() }
      const past = await readPast(read, moment)
      const forecasts = await withService(async (serving) => {
        const made = await forecastsOf(past, serving, moment)
        tell.reason(serving, past, made)
        return made
      })

      const missing = forecasts.filter((_, i) => !past[i]?.isMade)
      const made = missing.filter((forecast) => forecast !== undefined)
      await keepForecasts(sql, made)
      await purgeForecasts(sql, now())
      await scoreForecasts(sql, now(), settings)
      await purgeScores(sql, now())
      tell.counted(missing.map((forecast) => forecast ?? { source: 'none' }))
      tell.accuracy(await readAccuracy(sql, now()))
      return { events: made.map(eventOf) }
    },

    http: (ctx) => forecastApp(ctx, started),
  })
}

/** What a process makes at its start and keeps. */
interface Parts {
  /** Outside the unit: the transaction opens once everything is computed. */
  read: Sql
  tell: Tell
  withService: WithService
}

const eventOf = (forecast: ScoredForecast) => ({ topic: 'traffic.forecasts' as const, data: withoutScore(forecast) })

export default predictTraffic()
