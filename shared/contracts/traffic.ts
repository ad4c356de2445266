import { z } from 'zod'

/** TomTom's five flow levels, and the two that are none. */
export const Level = z.enum(['free', 'heavy', 'slow', 'queuing', 'stationary', 'closed', 'unknown'])
export type Level = z.infer<typeof Level>

/** TomTom's flow scale of the ratio of a speed to that of the empty road: free from .90, heavy .625, slow .35, queuing .25. */
export function flowLevel(ratio: number): Level {
  if (ratio >= 0.9) return 'free'
  if (ratio >= 0.625) return 'heavy'
  if (ratio >= 0.35) return 'slow'
  return ratio >= 0.25 ? 'queuing' : 'stationary'
}

/** The state of one road segment in one window: what `traffic.states` carries. */
export const TrafficState = z.strictObject({
  segment: z.string().min(1).max(128),
  level: Level,
  /** Harmonic mean over the vehicles of the window, km/h; null when nothing was measured. */
  speedKmh: z.number().nonnegative().nullable(),
  freeFlowKmh: z.number().positive().nullable(),
  /** speedKmh / freeFlowKmh. */
  ratio: z.number().nonnegative().nullable(),
  /** 10 · (1 − ratio), held between 0 and 10. */
  jamFactor: z.number().min(0).max(10).nullable(),
  confidence: z.number().min(0).max(1),
  windowStart: z.iso.datetime(),
  windowEnd: z.iso.datetime(),
  /** The newest observation in the window; null for a window without one. */
  observedAt: z.iso.datetime().nullable(),
  /** Counts the changes of this window's value, from 1. */
  rev: z.int().positive(),
  /** No reading can change it any more, but for history given as such. */
  final: z.boolean(),
})
export type TrafficState = z.infer<typeof TrafficState>

/** `segment|windowStart|rev`. */
export const trafficStateId = (state: TrafficState): string => `${state.segment}|${state.windowStart}|${state.rev}`
