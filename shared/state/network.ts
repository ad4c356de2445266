import type { Network } from '#shared/contracts/network.ts'
import type { Sql } from './sql.ts'
import { upsertMany } from './upsert.ts'

/** What loading a road network changed. */
export interface LoadedNetwork {
  segments: number
  devices: number
  /** Devices that another segment had. */
  moved: { device: string; from: string; to: string }[]
}

/**
 * Loads a road network in the caller's transaction: segments and devices in it are added or replaced, segments that are
 * not in it stay, a device it no longer gives to its segment becomes a point segment of its own again. What was
 * evaluated before is evaluated anew when its next reading comes.
 */
export async function loadNetwork(sql: Sql, network: Network): Promise<LoadedNetwork> {
  const segments = network.features.map(({ geometry, properties }) => [
    properties.segment,
    JSON.stringify(geometry),
    '-infinity',
    properties.lanes ?? null,
    properties.lengthKm ?? null,
    properties.freeFlowKmh ?? null,
    JSON.stringify(properties.neighbours ?? []),
    properties.name ?? null,
  ])
  const devices = network.features.flatMap(({ properties }) =>
    properties.devices.map((device) => [device, properties.segment]),
  )
  await upsertMany(sql, {
    table: 'segment',
    columns: [
      { name: 'segment', type: 'text' },
      { name: 'geometry', type: 'jsonb' },
      { name: 'located_at', type: 'timestamptz' },
      { name: 'lanes', type: 'int' },
      { name: 'length_km', type: 'float8' },
      { name: 'free_flow_kmh', type: 'float8' },
      { name: 'neighbours', type: 'jsonb' },
      { name: 'name', type: 'text' },
    ],
    keys: 1,
    rows: segments,
  })
  const { rows: moved } = await sql.query<LoadedNetwork['moved'][number]>(
    `select had.device, had.segment as "from", given.segment as "to" from segment_device had
     join unnest($1::text[], $2::text[]) as given (device, segment) using (device)
     where had.segment <> given.segment order by had.device`,
    [devices.map(([device]) => device), devices.map(([, segment]) => segment)],
  )
  await sql.query('delete from segment_device where segment = any($1::text[]) and device <> all($2::text[])', [
    segments.map(([segment]) => segment),
    devices.map(([device]) => device),
  ])
  await upsertMany(sql, {
    table: 'segment_device',
    columns: [
      { name: 'device', type: 'text' },
      { name: 'segment', type: 'text' },
    ],
    keys: 1,
    rows: devices,
  })
  return { segments: segments.length, devices: devices.length, moved }
}
