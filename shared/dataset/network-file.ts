import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { Network } from '#shared/contracts/network.ts'
import { DatasetError } from './description.ts'

/** Reads a road network, GeoJSON; throws DatasetError for what is none. */
export const readNetwork = async (file: string): Promise<Network> => {
  const text = await readFile(file, 'utf8').catch((error: Error) => {
    throw new DatasetError(`${file} cannot be read: ${error.message}`)
  })
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (error) {
    throw new DatasetError(`${file} is not JSON: ${(error as Error).message}`)
  }
  const network = Network.safeParse(json)
  if (network.success) return network.data
  throw new DatasetError(
    `${file} is no road network: ${z.prettifyError(network.error).split('\n').slice(0, 6).join(' ')}`,
  )
}
