import { join } from 'node:path'
import type { Model } from '#models/traffic/model.ts'
import { units } from '#shared/contracts/units.ts'
import type { HttpContext } from '#shared/function/define.ts'
import type { openModels } from './models.ts'
import type { Predictor } from './outlook.ts'

/** The model in service, and its unit in km/h, or why it does not serve this city. */
export type InService = { model: Predictor & { id: string } } & ({ kmh: number } | { unfit: string })

/** Lends the model in service at each call anew, until `work` is done. */
export type WithService = <T>(work: (serving: InService) => Promise<T>) => Promise<T>

/** Opens the models of a process: what ships with the function, and what an operator has put in its place. */
export async function openService(
  { assets, sql, log, settings, gauge, atExit }: HttpContext,
  open: typeof openModels,
): Promise<WithService> {
  const models = await open({ assets: join(assets, 'model'), sql, log })
  atExit(() => models.release())
  const stands = gauge('model_info', 'The model in service, by the SHA-256 of its sidecar', ['model'])
  let failing: string | undefined
  const tell = (id?: string, err?: unknown) => {
    if (id !== undefined && id !== failing) log.error({ err, model: id }, 'the model fails: forecasts do without it')
    failing = id
  }
  return (work) =>
    models.use((model) => {
      stands([{ labels: { model: model.id }, value: 1 }])
      return work(inService(mayFail(model, tell), settings.windowMs))
    })
}

/** A model whose failing runs answer nothing; `tell` gets its id with the error, or undefined after a run that went well. */
function mayFail(model: Model, tell: (failing?: string, error?: unknown) => void): InService['model'] {
  return {
    ...model,
    async run(x, rows) {
      try {
        const bands = await model.run(x, rows)
        tell()
        return bands
      } catch (error) {
        tell(model.id, error)
        return undefined
      }
    },
  }
}

/** How a model serves a city of windows of that length. */
export function inService(model: InService['model'], windowMs: number): InService {
  const { measure, unit, stepMs } = model.sidecar
  const kmh = measure === 'speed' ? units.get(unit) : undefined
  if (kmh?.dimension !== 'speed') return { model, unfit: `the model tells ${measure} in ${unit}, no speed` }
  if (stepMs !== windowMs)
    return {
      model,
      unfit: `the model was trained on steps of ${stepMs / 60_000} min, but WINDOW is ${windowMs / 60_000} min`,
    }
  return { model, kmh: kmh.factor }
}
