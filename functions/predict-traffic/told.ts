import type { Count, HttpContext } from '#shared/function/define.ts'
import type { ScoredForecast } from './forecast.ts'
import type { SegmentPast } from './read.ts'
import type { Accuracy, Errors } from './score.ts'
import type { InService } from './service.ts'

/** Tells operators how forecasts go: by metrics, and once by a line where the model has no part in them. */
export interface Tell {
  /** The forecasts of a tick, whose counter alarms look at; a tick that is tried again counts again. */
  counted(forecasts: readonly Sourced[]): void
  /** Those that somebody asked for. */
  asked(forecasts: readonly Sourced[]): void
  accuracy(horizons: readonly Accuracy[]): void
  /** Says why no forecast of a tick is the model's, when that has changed. */
  reason(inService: InService, past: readonly SegmentPast[], forecasts: readonly (ScoredForecast | undefined)[]): void
}

interface Sourced {
  source: string
}

/** Opens what operators are told by. */
export function openTell({ counter, gauge, log }: Pick<HttpContext, 'counter' | 'gauge' | 'log'>): Tell {
  const made = bySource(counter('forecasts_total', 'Forecasts of a segment by where they come from', 'source'))
  const asked = bySource(
    counter('forecasts_asked_total', 'Forecasts that were asked for, by where they come from', 'source'),
  )
  const error = gauge('forecast_error_kmh', 'Error of the forecasts of the last 24 hours, km/h', [
    ...['minutes', 'statistic', 'of'],
  ])
  const coverage = gauge(
    'forecast_coverage_ratio',
    'Share of the speeds of the last 24 hours within their band of 80 of 100',
    ['minutes'],
  )
  let said: string | undefined
  return {
    counted: made,
    asked,
    accuracy(horizons) {
      error(
        horizons.flatMap(({ minutes, served, model, persistence, profile }) =>
          Object.entries({ served, model, persistence, profile }).flatMap(([of, errors]) =>
            errorsOf(String(minutes), of, errors),
          ),
        ),
      )
      coverage(
        horizons.flatMap(({ minutes, coverage: value }) =>
          value === null ? [] : [{ labels: { minutes: String(minutes) }, value }],
        ),
      )
    },
    reason(inService, past, forecasts) {
      const why = reasonOf(inService, past, forecasts)
      if (why !== undefined && why !== said) log.warn({ model: inService.model.id, segments: past.length }, why)
      said = why
    },
  }
}

const bySource =
  (count: Count) =>
  (forecasts: readonly Sourced[]): void => {
    const found = new Map<string, number>()
    for (const { source } of forecasts) found.set(source, (found.get(source) ?? 0) + 1)
    for (const [source, n] of found) count(n, source)
  }

const errorsOf = (minutes: string, of: string, errors: Errors | null) =>
  errors === null
    ? []
    : Object.entries(errors).map(([statistic, value]) => ({ labels: { minutes, statistic, of }, value }))

/** Why no forecast is the model's; undefined where one is, or where there is nothing to forecast. */
export function reasonOf(
  inService: InService,
  past: readonly SegmentPast[],
  forecasts: readonly (ScoredForecast | undefined)[],
): string | undefined {
  if (past.length === 0 || forecasts.some((forecast) => forecast?.source === 'model')) return undefined
  if ('unfit' in inService) return `forecasts are made without the model: ${inService.unfit}`
  const { ids } = inService.model.statistics
  if (!past.some(({ segment }) => ids.has(segment)))
    return 'forecasts are made without the model, which knows no segment of this city: train one with "junction train"'
  return 'forecasts are made without the model: no segment that it knows has enough readings of the last hour yet, or it fails'
}
