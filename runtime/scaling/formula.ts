import type { LoadRule } from '../stack/types.ts'

/** What a recommendation keeps to. */
export interface Bounds {
  /** Of a function that is awake: at least 1. */
  min: number
  max: number
}

/** A sum of hundredths may come out a little above a whole number. */
const ROUNDING = 1e-9

/**
 * How many replicas a load needs: OpenFaaS's `ready × (mean load of a replica / (target × proportion))`, rounded up, in
 * which the load of all of them stands for `ready × mean`.
 */
export const replicasFor = (
  load: number,
  { target, proportion }: Pick<LoadRule, 'target' | 'proportion'>,
  { min, max }: Bounds,
): number => Math.max(min, Math.min(max, Math.ceil(load / (target * proportion) - ROUNDING)))

/** What an alert that fires adds: `factor` percent of the maximum, rounded up. */
export const alertStep = (max: number, factor: number): number => Math.ceil((max * factor) / 100)
