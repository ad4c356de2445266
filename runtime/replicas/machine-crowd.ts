/** A living replica as the machine sees it; one that has stopped is forgotten. */
export interface Replica {
  readonly id: number
  /** `unready` = it runs, but its own word is that it takes no new calls now. */
  phase: 'starting' | 'ready' | 'unready' | 'draining'
  /** When the phase began. */
  since: number
  /** Calls and streams. */
  inflight: number
  /** Calls alone. */
  load: number
  lastTouch: number
  /** Its end counts as a crash although it is no longer routed to. */
  doomed: boolean
}

/** The living replicas of one function, the oldest first, and which of them takes a call. */
export const createCrowd = (concurrency: number) => {
  const replicas = new Map<number, Replica>()
  let lastId = 0

  const count = (phase: Replica['phase']): number => {
    let n = 0
    for (const replica of replicas.values()) if (replica.phase === phase) n++
    return n
  }

  /** Below half its limit the oldest takes every call, so that the others can become idle. */
  const pickOldest = (): Replica | undefined => {
    let best: Replica | undefined
    for (const replica of replicas.values()) {
      if (replica.phase !== 'ready') continue
      if (replica.load * 2 < concurrency) return replica
      if (replica.load < concurrency && (!best || replica.load < best.load)) best = replica
    }
    return best
  }

  /** Calls go in turn to the first `n`, the least loaded of them; to one more only while those are full, so that it can leave. */
  const pickOf = (n: number): Replica | undefined => {
    let best: Replica | undefined
    let seen = 0
    for (const replica of replicas.values()) {
      if (replica.phase !== 'ready') continue
      if (seen++ >= n && best) return best
      if (replica.load >= concurrency) continue
      const less = best ? replica.load - best.load || replica.lastTouch - best.lastTouch : -1
      if (less < 0) best = replica
    }
    return best
  }

  return {
    get: (id: number) => replicas.get(id),
    delete: (id: number) => replicas.delete(id),
    values: () => replicas.values(),
    count,
    /** Those that serve or could again. */
    serving: () => count('ready') + count('unready'),
    add(now: number): Replica {
      const id = ++lastId
      const replica: Replica = {
        id,
        phase: 'starting',
        since: now,
        inflight: 0,
        load: 0,
        lastTouch: now,
        doomed: false,
      }
      replicas.set(id, replica)
      return replica
    },
    /** `spread` = so many are asked for, each is to have its share; undefined = as few as can do it. */
    pick: (spread: number | undefined) => (spread === undefined ? pickOldest() : pickOf(spread)),
    /** Whether one is ready and none of those has room. */
    isFull(): boolean {
      let ready = false
      for (const replica of replicas.values()) {
        if (replica.phase !== 'ready') continue
        if (replica.load < concurrency) return false
        ready = true
      }
      return ready
    },
  }
}
