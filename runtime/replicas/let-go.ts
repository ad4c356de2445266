import type { Pool } from 'undici'

/** A process that outlives a replica may hold its connections. */
const UNREAD_MS = 5_000

/** Ends the connections to a replica that is gone, once what it answered and still lies unread is read. */
export const letGo = async (client: Pool): Promise<void> => {
  const late = setTimeout(() => void client.destroy(), UNREAD_MS)
  await client.close().catch(() => {})
  clearTimeout(late)
}
