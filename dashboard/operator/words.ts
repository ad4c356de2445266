import type { RuntimeStatus } from '#shared/contracts/runtime-status.ts'
import { span } from '../traffic/clock.ts'
import { counted } from '../traffic/words.ts'

/** A short time: `312 ms`, `1.4 s`; longer ones as a span. */
export const took = (ms: number): string =>
  ms < 1000 ? `${Math.round(ms)} ms` : ms < 60_000 ? `${(ms / 1000).toFixed(1)} s` : span(ms)

/** An amount of data: `345 B`, `12 kB`. */
export const size = (bytes: number): string => (bytes < 1000 ? `${bytes} B` : `${counted(Math.round(bytes / 1000))} kB`)

/** How city time goes. */
export const pace = ({ kind, speed }: RuntimeStatus['clock']): string => {
  if (kind === 'real') return 'real time'
  return speed === 0 ? 'stepped by hand' : `${counted(speed)} times as fast as real time`
}

const REASONS: Record<string, string> = {
  decode: 'cannot be decoded',
  validation: 'not valid',
  oversize: 'too large',
  time_out_of_range: 'time out of range',
  identity_mismatch: 'not its own device',
  rejected_by_function: 'rejected by the function',
  attempts_exhausted: 'failed too often',
  too_old: 'too old',
}

/** Why a dead letter was written, in words. */
export const reasonOf = (reason: string): string => REASONS[reason] ?? reason
