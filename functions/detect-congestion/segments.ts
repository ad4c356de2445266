import type { Sql } from '#shared/state/sql.ts'
import { upsertMany } from '#shared/state/upsert.ts'
import type { Placed, Sample } from './sample.ts'

/** Finds the segment of each sample; a device that no network names is a point segment of its own, of the same name. */
export async function placeOnSegments(sql: Sql, samples: Sample[]): Promise<Placed[]> {
  const devices = [...new Set(samples.map(({ reading }) => reading.device))]
  const { rows } = await sql.query<{ device: string; segment: string }>(
    'select device, segment from segment_device where device = any($1::text[])',
    [devices],
  )
  const segments = new Map(rows.map(({ device, segment }) => [device, segment]))
  return samples.map((sample) => ({
    ...sample,
    segment: segments.get(sample.reading.device) ?? sample.reading.device,
  }))
}

/** What a lock needs to know of a segment: its name, and for a point segment where a reading saw it and when. */
interface Lockable {
  segment: string
  reading?: { observedAt: string; location?: { type: 'Point'; coordinates: [number, number] } | undefined }
}

/**
 * Locks the rows of these segments in sorted order until the unit ends, so that units of one segment follow each other;
 * rows that are missing are made. The geometry of a point segment is the location of its earliest reading with one.
 */
export async function lockSegments(sql: Sql, segments: Lockable[]): Promise<void> {
  const rows = segments.map(({ segment, reading }) =>
    reading?.location ? [segment, JSON.stringify(reading.location), reading.observedAt] : [segment, null, 'infinity'],
  )
  // PostgreSQL locks the row of every conflict, also of those the condition then leaves as they are.
  await upsertMany(sql, {
    table: 'segment',
    columns: [
      { name: 'segment', type: 'text' },
      { name: 'geometry', type: 'jsonb' },
      { name: 'located_at', type: 'timestamptz' },
    ],
    keys: 1,
    rows,
    wins: ([, geometry, at], [, otherGeometry, otherAt]) =>
      at === otherAt ? String(geometry) < String(otherGeometry) : String(at) < String(otherAt),
    when: '(excluded.located_at, excluded.geometry::text) < (t.located_at, t.geometry::text)',
  })
}
