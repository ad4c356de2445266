/** Measurements of sensors at equal steps of time. */
export interface Grid {
  /** Ids, in the order of the columns. */
  sensors: readonly string[]
  /** Instant of the first row, milliseconds since 1970. */
  start: number
  stepMs: number
  rows: number
  /** rows × sensors, row by row; NaN where nothing was measured. */
  values: Float32Array
  /** IANA name of the zone whose days and hours traffic follows. */
  timeZone: string
}
