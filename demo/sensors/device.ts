import type { RawReading } from '#shared/dataset/dataset.ts'

/** A device of the town: its name, where it stands, and what it measured in the period that ends at an instant. */
export interface Device {
  id: string
  coordinates: [longitude: number, latitude: number]
  /** `at` and the period are whole numbers of 30 s, in ms. */
  measure(at: number, periodMs: number): Measured
}

/** What is measured at once; undefined where there is nothing to say. */
export type Measured = Pick<RawReading, 'measures' | 'units'> | undefined

/** Rounds to so many decimals. */
export const rounded = (value: number, digits: number): number => Math.round(value * 10 ** digits) / 10 ** digits
