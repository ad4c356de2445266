import type { ForecastSource } from '#shared/contracts/forecast.ts'
import type { CityForecast } from '../forecast/city-forecast.ts'

/** Who makes the newest forecasts. */
export interface Service {
  /** The model of most of them; null where none is a model's. */
  model: string | null
  counts: Record<ForecastSource, number>
}

/** Counts the newest forecasts by where they come from. */
export function serviceOf({ forecasts }: CityForecast): Service {
  const counts: Record<ForecastSource, number> = { model: 0, profile: 0, persistence: 0 }
  const models = new Map<string, number>()
  for (const { source, model } of forecasts.values()) {
    counts[source] += 1
    if (model !== null) models.set(model, (models.get(model) ?? 0) + 1)
  }
  const [most] = [...models].sort(([, a], [, b]) => b - a)
  return { model: most?.[0] ?? null, counts }
}
