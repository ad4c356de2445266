import { join } from 'node:path'
import { damage } from './damage.ts'

/** What a scenario works with. */
export interface Scenario {
  /** Runs `bin/junction` to its end: what it printed on stdout; throws where it failed. */
  junction(...args: string[]): Promise<string>
  /** Empty. */
  folder: string
  say(line: string): void
}

const START = Date.parse('2026-03-02T00:00:00+01:00')
const DAY_MS = 86_400_000
const DAYS = 14
/** Before the test part, which is the last fifth. */
const TRAINED_DAYS = 11
/** One the model learns without, one within the test part. */
const LOST_DAYS = [4, 12]
const NEWCOMER = 'loop-westring-1-south'

type Errors = Record<'rmse' | 'mae', number[]>
type Evaluated = Record<'meanOverSteps' | 'atStep', Record<'model' | 'persistence' | 'slotMean', Errors>>

/**
 * Counts in steps of 10 minutes with gaps, lost days and a sensor without history: by commands alone a model comes of them
 * that beats persistence and slot mean at 60 minutes. Returns what is wrong.
 */
export const irregular = async ({ junction, folder, say }: Scenario): Promise<string[]> => {
  const [data, model] = [join(folder, 'counts'), join(folder, 'model')]
  await junction('demo', 'export', '--days', `${DAYS}`, '--step', '10m', '--measure', 'count', '--out', data)
  const until = START + TRAINED_DAYS * DAY_MS
  const newcomer = { device: NEWCOMER, since: until + DAY_MS }
  const { values, inGaps } = damage(data, { seed: 1, share: 0.08, days: LOST_DAYS, newcomer })
  say(
    `${values} counts left: days ${LOST_DAYS.join(' and ')} are lost, ${(100 * inGaps).toFixed(1)} % of the others in gaps`,
  )
  const trained = ['--until', new Date(until).toISOString(), '--out', model]
  say(await junction('train', '--data', data, ...trained))
  const evaluated = JSON.parse(await junction('evaluate', '--data', data, '--model', model, '--json')) as Evaluated
  const faults = inGaps < 0.05 ? [`only ${inGaps} of the values are lost in gaps`] : []
  for (const how of ['meanOverSteps', 'atStep'] as const)
    for (const error of ['rmse', 'mae'] as const) {
      const at = (which: 'model' | 'persistence' | 'slotMean') => evaluated[how][which][error].at(-1) ?? Number.NaN
      const [own, persistence, slotMean] = [at('model'), at('persistence'), at('slotMean')]
      const line = `${error} at 60 min, ${how}: ${own.toFixed(2)}, persistence ${persistence.toFixed(2)}, slot mean ${slotMean.toFixed(2)}`
      say(line)
      if (!(own < persistence && own < slotMean)) faults.push(`the model is not the best: ${line}`)
    }
  return faults
}
