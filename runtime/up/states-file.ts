import { constants } from 'node:fs'
import { access, rename, writeFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import type { Sql } from '#shared/state/sql.ts'
import { UserError } from '../user-error.ts'

/** Fails early where the file could not be written in the end. */
export const checkStatesFile = async (file: string): Promise<string> => {
  const path = resolve(file)
  await access(dirname(path), constants.W_OK).catch(() => {
    throw new UserError(`${path} cannot be written: give --export a file in a folder that is there`)
  })
  return path
}

/**
 * Writes the states of all windows that ended by an instant, a line each, sorted; nothing in it depends on when and how
 * often something was worked out, so that two runs can be compared byte by byte. Answers how many there are.
 */
export const writeStates = async (sql: Sql, path: string, endedBy: Date): Promise<number> => {
  const { rows } = await sql.query<Record<string, unknown>>(
    `select segment, window_start as "windowStart", window_end as "windowEnd", level, speed_kmh as "speedKmh",
       free_flow_kmh as "freeFlowKmh", ratio, jam_factor as "jamFactor", confidence, observed_at as "observedAt"
     from traffic_history where window_end <= $1 order by segment, window_start`,
    [endedBy],
  )
  const lines = rows.map((row) => JSON.stringify(row))
  await writeFile(`${path}.new`, `[\n${lines.join(',\n')}\n]\n`)
  await rename(`${path}.new`, path)
  return rows.length
}
