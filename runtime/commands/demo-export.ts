/** What `junction demo export` is asked for. */
export interface DemoExportOptions {
  out: string
  days: number
  seed: number
  from: Date
  /** Length of a row, ms. */
  step: number
  measure: 'speed' | 'count'
}

/** Writes days of the simulated city to a folder; says what lies there now. */
export const demoExport = async ({ out, step, ...options }: DemoExportOptions): Promise<string> => {
  const { exportCity } = await import('#demo/export.ts')
  const { rows, devices } = await exportCity({ folder: out, stepMs: step, ...options })
  const count = (n: number) => n.toLocaleString('en-US')
  return `${out}: ${count(rows)} rows of ${step / 60_000} minutes, ${count(devices)} devices and their road network\n`
}
