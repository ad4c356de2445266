import type { Bench } from './bench.ts'

/** What a figure is held against: its own value, or its ratio to the reference. */
export interface Aim {
  of: 'value' | 'ratio'
  atLeast?: number
  atMost?: number
}

/** One measured number, beside what a bare counterpart did on the same machine in the same run. */
export interface Figure {
  name: string
  value: number
  unit: string
  reference?: { name: string; value: number }
  aim?: Aim
  /** A further aim, good to reach. */
  stretch?: Aim
}

/** One line of the bench. */
export interface Row {
  name: string
  /** What is measured, in a sentence. */
  what: string
  measure(bench: Bench): Promise<Figure[]>
}

/** The value as a share of the reference's. */
export const ratioOf = ({ value, reference }: Figure): number | undefined =>
  reference === undefined || reference.value === 0 ? undefined : value / reference.value

/** Whether an aim is met. */
export function isMet(figure: Figure, { of, atLeast, atMost }: Aim): boolean {
  const seen = of === 'value' ? figure.value : (ratioOf(figure) ?? Number.NaN)
  return (atLeast === undefined || seen >= atLeast) && (atMost === undefined || seen <= atMost)
}
