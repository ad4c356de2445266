import { hostname } from 'node:os'
import type { Logger } from 'pino'
import { type AsyncCalls, openAsyncCalls } from '../async/open.ts'
import type { Deployments } from '../deployments/types.ts'
import type { Gateway } from '../gateway/server.ts'
import type { ReplicaPools } from '../replicas/pools.ts'
import type { FolderDatabase } from './database.ts'

/** What the queues of calls for later stand on. */
export interface QueuesOptions {
  postgres: FolderDatabase
  /** The data folder: one runtime at a time. */
  folder: string
  deployments: Deployments
  pools: Pick<ReplicaPools, 'get'>
  gateway: Gateway
  log: Logger
}

const CONNECTIONS = 3
/** Calls for later at a time that one replica gets of those it could take: others call it, too. */
const MOST_EACH = 50

/** Opens the queues of the runtime. */
export const openQueues = ({ postgres, folder, deployments, pools, gateway, log }: QueuesOptions): AsyncCalls =>
  openAsyncCalls({
    database: postgres.open(CONNECTIONS, 'queues'),
    // Started anew, the runtime of a folder has what it held at once.
    holder: `${hostname()}:${folder}`,
    invoke: gateway.invoke,
    capacity: (key) => {
      const definition = deployments.get(key)
      if (!definition) return undefined
      const each = Number(definition.environment.max_inflight) || MOST_EACH
      return Math.max(1, pools.get(key)?.counts().ready ?? 0) * Math.min(MOST_EACH, each)
    },
    annotationsOf: (key) => deployments.get(key)?.annotations,
    log,
    metrics: gateway.metrics.registry,
  })
