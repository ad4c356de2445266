import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { Network } from '#shared/contracts/network.ts'
import { type LoadedNetwork, loadNetwork } from '#shared/state/network.ts'
import { transaction } from '#shared/state/transaction.ts'
import { UserError } from '../user-error.ts'
import { findRunning } from './running.ts'
import { table } from './table.ts'

/** Loads a road network, GeoJSON, into the city of a data folder. */
export const networkLoad = async (folder: string, file: string) => {
  const text = await readFile(file, 'utf8').catch((error: Error) => {
    throw new UserError(`${file} cannot be read: ${error.message}`)
  })
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (error) {
    throw new UserError(`${file} is not JSON: ${(error as Error).message}`)
  }
  const network = Network.safeParse(json)
  if (!network.success)
    throw new UserError(
      `${file} is no road network: ${z.prettifyError(network.error).split('\n').slice(0, 6).join(' ')}`,
    )
  const running = await findRunning(folder)
  return running.withDatabase((database) => transaction(database, (sql) => loadNetwork(sql, network.data)))
}

const MOST_MOVED = 20

/** What was loaded, and which devices it took from another segment. */
export const networkLines = ({ segments, devices, moved }: LoadedNetwork): string[] => [
  `${segments} segments, ${devices} devices`,
  ...(moved.length === 0 ? [] : [`${moved.length} devices moved here from another segment:`]),
  ...(moved.length === 0
    ? []
    : table(
        ['DEVICE', 'FROM', 'TO'],
        moved.slice(0, MOST_MOVED).map(({ device, from, to }) => [device, from, to]),
      )),
  ...(moved.length > MOST_MOVED ? [`and ${moved.length - MOST_MOVED} more (--json lists all)`] : []),
]
