import type { Database } from '#shared/state/database.ts'
import type { Bus } from './port.ts'

/** Opens the bus that the scheme of the URL names; its driver is loaded only then. */
export async function openBus(url: string, database: Database): Promise<Bus> {
  const scheme = new URL(url).protocol
  if (scheme === 'postgres:' || scheme === 'postgresql:') {
    const { postgresBus } = await import('./postgres.ts')
    return postgresBus(database)
  }
  throw new Error(`BUS_URL has the scheme ${scheme}//, this build has a driver for postgres:// only`)
}
