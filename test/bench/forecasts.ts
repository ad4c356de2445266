import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Statistics } from '#models/traffic/sidecar.ts'

/** The folder of the model that ships. */
export const SHIPPED = 'models/traffic/model'

/** A question for forecasts of so many series of readings, all of segments that the model knows. */
export function questionOf(series: number): string {
  const { sensors } = Statistics.parse(JSON.parse(readFileSync(join(SHIPPED, 'statistics.json'), 'utf8')))
  return JSON.stringify({
    series: Array.from({ length: series }, (_, n) => ({
      segment: sensors[n % sensors.length]?.id,
      until: '2026-04-07T07:55:00Z',
      values: Array.from({ length: 12 }, (_, lag) => 30 + ((n * 7 + lag * 3) % 40) / 2),
    })),
  })
}
