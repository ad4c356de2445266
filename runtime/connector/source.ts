/** Something a consumer can be called for: a partition with unfinished events, its alarms, its schedule. */
export interface Source {
  /** `Time.now` from which on it may run; infinity while it has nothing to do. */
  readyAt(): number
  /** What it sends next is suspected of ending the process: it goes out alone, so that no other call is blamed for it. */
  readonly suspect?: boolean
  /** Makes one call; a probe is as small as can be. Rejects only for faults of the connector's own. */
  run(probe: boolean): Promise<void>
  /** Forgets its backoff: the world is well again, or somebody asks to go on. */
  pardon(): void
  /** Waits after a fault of the connector's own, like a database that is down. */
  postpone(until: number): void
}
