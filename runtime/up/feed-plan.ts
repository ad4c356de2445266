import { join } from 'node:path'
import type { Network } from '#shared/contracts/network.ts'
import { readNetwork } from '#shared/dataset/network-file.ts'
import type { Database } from '#shared/state/database.ts'
import { loadNetwork } from '#shared/state/network.ts'
import { transaction } from '#shared/state/transaction.ts'
import type { WantedClock } from './city-clock.ts'

/** What of the command line decides what feeds the city and which clock it has. */
export interface FeedChoice {
  demo?: boolean
  replay?: string
  speed?: number
  from?: Date
  /** Of the simulated city. */
  seed: number
}

/** What feeds the city: a command of its own, the road network that goes with it, and the clock it needs. */
export interface FeedPlan {
  clock: WantedClock
  /** Arguments of the `junction` command that feeds; undefined for none. */
  args: string[] | undefined
  network: (() => Promise<Network>) | undefined
}

/** Decides what feeds the city; the demo's parts are loaded only when they are wanted. */
export const planFeed = async ({ demo, replay, speed, from, seed }: FeedChoice): Promise<FeedPlan> => {
  if (replay !== undefined) {
    const { openDataset } = await import('#shared/dataset/dataset.ts')
    const dataset = await openDataset(replay)
    const start = from ?? (await dataset.start())
    const { network: file } = dataset.about
    const network = async () =>
      file === undefined
        ? (await import('#demo/derive-network.ts')).deriveNetwork(dataset)
        : readNetwork(join(replay, file))
    return { clock: { kind: 'database', start, speed }, args: ['replay', replay], network }
  }
  const own = from !== undefined || speed !== undefined
  const clock: WantedClock = own ? { kind: 'database', start: from, speed } : { kind: 'real' }
  if (!demo) return { clock, args: undefined, network: undefined }
  const network = async () => (await import('#demo/simulated-city.ts')).cityNetwork()
  return { clock, args: ['generate', '--seed', String(seed)], network }
}

/** Loads a network where the city has none yet; says how many segments it has now. */
export const loadFirstNetwork = async (database: Database, network: () => Promise<Network>): Promise<number> => {
  const loaded = async () => {
    const { rows } = await database.query<{ n: number }>(
      `select count(*)::int as n from segment where located_at = '-infinity'`,
    )
    return rows[0]?.n ?? 0
  }
  const before = await loaded()
  if (before > 0) return before
  const derived = await network()
  return (await transaction(database, (sql) => loadNetwork(sql, derived))).segments
}
