import { readNetwork } from '#shared/dataset/network-file.ts'
import { type LoadedNetwork, loadNetwork } from '#shared/state/network.ts'
import { transaction } from '#shared/state/transaction.ts'
import { findDeployed, type Place } from './beside.ts'
import { table } from './table.ts'

/** Loads a road network, GeoJSON, into a city. */
export const networkLoad = async (place: Place, file: string) => {
  const network = await readNetwork(file)
  const deployed = await findDeployed(place)
  return deployed.withDatabase((database) => transaction(database, (sql) => loadNetwork(sql, network)))
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
