import type { Evaluation } from '#models/traffic/evaluate/evaluation.ts'

/** What of an evaluation is judged. */
export type Judged = Pick<Evaluation, 'horizons' | 'meanOverSteps' | 'atStep' | 'coverage'>

/** The most that is let pass, a figure a horizon: RMSE and MAE over the steps to it. */
export interface Limits {
  rmse: readonly number[]
  mae: readonly number[]
  coverage: readonly [number, number]
}

/** Los-loop, trained on what precedes the test part; mph. */
export const LOS_LOOP: Limits = {
  rmse: [4.75, 5.45, 5.9, 6.25],
  mae: [2.65, 2.93, 3.13, 3.3],
  coverage: [0.78, 0.82],
}

/** Any band that is one. */
export const SANE_COVERAGE = [0.7, 0.9] as const

/** Which figures are above their limits. */
export const faultsByLimits = ({ horizons, meanOverSteps, coverage }: Judged, limits: Limits): string[] => [
  ...(['rmse', 'mae'] as const).flatMap((error) =>
    horizons.flatMap(({ minutes }, i) => {
      const [found, most] = [meanOverSteps.model[error][i] ?? Number.NaN, limits[error][i] ?? Number.NaN]
      return found <= most ? [] : [`${error} over the steps to ${minutes} min is ${found.toFixed(4)}, above ${most}`]
    }),
  ),
  ...faultsOfBand({ horizons, coverage }, limits.coverage),
]

/** Where the model is not better than persistence and slot mean, by either error in either definition. */
export const faultsByComparison = ({ horizons, coverage, ...evaluation }: Judged): string[] => [
  ...(['meanOverSteps', 'atStep'] as const).flatMap((how) =>
    (['rmse', 'mae'] as const).flatMap((error) =>
      (['persistence', 'slotMean'] as const).flatMap((other) =>
        horizons.flatMap(({ minutes }, i) => {
          const own = evaluation[how].model[error][i] ?? Number.NaN
          const its = evaluation[how][other][error][i] ?? Number.NaN
          return own < its
            ? []
            : [`${error} (${how}) at ${minutes} min is ${own.toFixed(3)}, that of ${other} ${its.toFixed(3)}`]
        }),
      ),
    ),
  ),
  ...faultsOfBand({ horizons, coverage }, SANE_COVERAGE),
]

const faultsOfBand = (
  { horizons, coverage }: Pick<Judged, 'horizons' | 'coverage'>,
  [least, most]: readonly [number, number],
): string[] =>
  horizons.flatMap(({ minutes }, i) => {
    const found = coverage[i] ?? Number.NaN
    return found >= least && found <= most
      ? []
      : [`the band at ${minutes} min holds ${(100 * found).toFixed(1)} %, not ${100 * least} to ${100 * most} %`]
  })

/** What an evaluation is found guilty of, and by which measure: a copy of Los-loop with other bytes is not Los-loop. */
export const verdictOf = (
  evaluation: Judged & { benchmark?: { name: string }; data: { sha256: string } },
): { by: string; faults: string[] } =>
  evaluation.benchmark?.name === 'Los-loop'
    ? { by: 'judged by the limits of Los-loop', faults: faultsByLimits(evaluation, LOS_LOOP) }
    : {
        by: `judged by persistence and slot mean alone: values of SHA-256 ${evaluation.data.sha256} are not Los-loop`,
        faults: faultsByComparison(evaluation),
      }
