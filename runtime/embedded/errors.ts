/** The embedded PostgreSQL cannot run here; the message says why and what to do. */
export class KeeperError extends Error {
  override name = 'KeeperError'
}
