/** The keeper's one argument, as JSON; every path is absolute. */
export interface KeeperOptions {
  dataDir: string
  passwordFile: string
  socketDir: string
  maxConnections: number
  /** Further folders removed when the keeper ends: the sockets of a runtime that was killed. */
  cleanUp: string[]
}

/** What the keeper prints on stdout, one JSON object a line: `ready` after every (re)start of the server. */
export type KeeperMessage = { event: 'ready'; pid: number; socketDir: string } | { event: 'failed'; message: string }
