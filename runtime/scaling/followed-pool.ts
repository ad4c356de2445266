import type { Lease } from '../replicas/lease.ts'
import type { ReplicaPool } from '../replicas/pool.ts'
import type { LoadRule } from '../stack/types.ts'
import type { Bounds } from './formula.ts'
import { createLoad } from './load.ts'
import { createMeter } from './meter.ts'
import { createScaler } from './scaler.ts'

/** What the replicas of a function follow its load by. */
export interface Following {
  rule: LoadRule
  bounds: Bounds
  /** Asynchronous calls that wait for the function; undefined where nobody knows. */
  queueDepth(): number | undefined
}

/** A pool whose replicas follow the load: each call through it is counted. */
export const followLoad = (pool: ReplicaPool, { rule, bounds, queueDepth }: Following): ReplicaPool => {
  const meter = createMeter()
  const scaler = createScaler({
    ...{ rule, bounds, meter },
    load: createLoad(rule.type, { meter, pids: pool.pids, queueDepth }),
    view: () => {
      const { starting, ready, unready, waiting } = pool.counts()
      return { alive: starting + ready + unready, waiting }
    },
    recommend: pool.recommend,
  })

  const counted = (lease: Lease): Lease => {
    let counts = true
    const leave = () => {
      if (counts) meter.left(performance.now())
      counts = false
    }
    return {
      ...lease,
      streaming: () => {
        leave()
        lease.streaming()
      },
      release: (answered) => {
        leave()
        lease.release(answered)
      },
    }
  }

  return {
    ...pool,
    acquire: async (cancellation) => {
      const now = performance.now()
      scaler.wake(now)
      meter.arrived(now)
      try {
        return counted(await pool.acquire(cancellation))
      } catch (error) {
        meter.left(performance.now())
        throw error
      }
    },
    try: (replicas) => {
      const outcome = pool.try(replicas)
      // It takes the place of as many that have work: they start side by side.
      pool.recommend(Math.max(replicas, bounds.min))
      return outcome
    },
    retire: () => {
      scaler.stop()
      return pool.retire()
    },
    stop: () => {
      scaler.stop()
      return pool.stop()
    },
  }
}
