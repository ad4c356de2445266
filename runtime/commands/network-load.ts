import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { Network } from '#shared/contracts/network.ts'
import { loadNetwork } from '#shared/state/network.ts'
import { transaction } from '#shared/state/transaction.ts'
import { UserError } from '../user-error.ts'
import { findRunning } from './running.ts'

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
