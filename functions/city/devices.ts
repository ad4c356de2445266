import type { SegmentDevices } from '#shared/contracts/page.ts'
import type { Sql } from '#shared/state/sql.ts'

/** The devices that measure a segment, by name. */
export async function readDevices(sql: Sql, segment: string): Promise<SegmentDevices['devices']> {
  const { rows } = await sql.query<{ device: string; observedAt: Date | null }>(
    `select device, observed_at as "observedAt" from traffic_device where segment = $1 order by device collate "C"`,
    [segment],
  )
  return rows.map(({ device, observedAt }) => ({ device, observedAt: observedAt?.toISOString() ?? null }))
}
