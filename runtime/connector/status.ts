/** How one partition of a consumer stands. */
export interface PartitionStatus {
  topic: string
  partition: number
  /** Offsets as decimal strings; `position` is null until it was read. */
  position: string | null
  end: string
  lag: number
  oldestAgeMs: number
  state: 'idle' | 'working' | 'waiting' | 'isolating' | 'retrying'
}

/** How one consumer stands. */
export interface ConsumerStatus {
  consumer: string
  /** `breaker`: its world is down, probed every 5 s; `stop`: somebody has to act. */
  state: 'running' | 'breaker' | 'stop'
  code?: string
  error?: string
  /** How long it has been paused. */
  forMs?: number
  inFlight: number
  partitions: PartitionStatus[]
  /** Alarms and schedule ticks that are due, ISO 8601 in city time. */
  due: string[]
}

/** The connector as plain JSON. */
export interface ConnectorStatus {
  /** False before its first look at the log and while its own database is down. */
  ready: boolean
  error?: string
  consumers: ConsumerStatus[]
}
