/** What a check of `junction doctor` found. */
export interface Finding {
  name: string
  /** `fail`: it does not start or does not last. `warn`: it runs, with a limit worth knowing. */
  level: 'ok' | 'warn' | 'fail'
  text: string
  /** What to do about it. */
  fix?: string
}

/** All is well. */
export const ok = (name: string, text: string): Finding => ({ name, level: 'ok', text })

/** It runs, but somebody should know. */
export const warn = (name: string, text: string, fix: string): Finding => ({ name, level: 'warn', text, fix })

/** It does not start, or does not last. */
export const fail = (name: string, text: string, fix: string): Finding => ({ name, level: 'fail', text, fix })

const UNITS: [number, string][] = [
  [2 ** 30, 'GiB'],
  [2 ** 20, 'MiB'],
]

/** `3.2 GiB`, `700 MiB`. */
export const size = (bytes: number): string => {
  const [unit, name] = UNITS.find(([least]) => bytes >= least) ?? [2 ** 20, 'MiB']
  const amount = bytes / unit
  return `${amount < 10 ? amount.toFixed(1) : Math.round(amount)} ${name}`
}
