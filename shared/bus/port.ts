import type { Logger } from 'pino'

/** An event to append: the CloudEvents attributes beside the bytes of its data, which no bus ever parses. */
export interface BusEvent {
  topic: string
  partition: number
  key: string
  id: string
  type: string
  /** The other CloudEvents attributes (source, time, subject, traceparent …), as strings. */
  attributes: Record<string, string>
  data: Uint8Array
  /** What the medium may know a repeated append by; without it, the event itself. */
  dedupeId?: string
}

/** An event as it lies on the log. */
export interface LogEvent extends BusEvent {
  offset: bigint
  /** When it was appended, in milliseconds since 1970, where the log tells. */
  appendedAt?: number
}

/** One partition of one topic. */
export interface Partition {
  topic: string
  partition: number
}

/** Where in one partition to read from; `day` lets the PostgreSQL log skip older days. */
export interface ReadFrom extends Partition {
  offset: bigint
  day?: string
}

/** A run of consecutive events of one partition; `next` is the offset after the last (equal to the start if empty). */
export interface Slice {
  events: LogEvent[]
  next: bigint
}

/** How much one read may bring; the first event always comes, however large. */
export interface ReadLimits {
  events: number
  bytes: number
}

/** The offset the next event of a partition will get. */
export interface PartitionEnd extends Partition {
  end: bigint
}

/** A consumer's share of its topics, until `release`. */
export interface Assignment {
  /**
   * Reads on in a partition of the share, or anew from any offset. Waits a while where nothing has come yet; empty at the
   * end. Throws `PositionOutOfRange` where the log has no such offset any more, or never had it.
   */
  read(from: ReadFrom, limits: ReadLimits): Promise<Slice>
  /** The position moved: a copy of it for the broker's own tools, on a bus that has such. */
  passed?(partition: Partition, next: bigint): void
  /** How often the client of this share had to be made anew, on a bus that has such. */
  rebuilds?(): number
  release(): Promise<void>
}

/** A topic as it is made: an existing one stays as it is. */
export interface TopicPlan {
  topic: string
  partitions: number
  retentionDays: number
}

/** What of a broker's driver may be set otherwise than it is by default. */
export interface BrokerSettings {
  /** The client is made anew where there is more to read and nothing was read for so long, ms. */
  watchdogMs?: number
  /** How long one request waits for its answer, ms. */
  requestMs?: number
  /** After so long without a sign of life a member of a consumer's group loses its share, ms. */
  sessionMs?: number
}

/** What the driver of a broker is opened with: it knows of neither files nor environment. */
export interface BrokerOptions {
  /** A BUS_URL, for `readBusUrl`. */
  url: string
  secret(name: string): string | undefined
  log: Logger
  settings?: BrokerSettings
}

/** A partitioned log: every driver passes the suite in `suite.ts` on its real server. */
export interface Bus {
  /** Names the log of a topic in the `position` table: `postgres`, or the identity of the broker's cluster or stream. */
  logOf(topic: string): Promise<string>
  /** Durable when it resolves. Throws `RefusedEvent` or `Overloaded`, else the error of the medium. */
  append(events: BusEvent[]): Promise<void>
  /**
   * Makes the topics that are missing. Throws `ConfigurationError` where one has another number of partitions, and
   * `BusUnavailable` while the medium cannot be reached.
   */
  ensureTopics(topics: TopicPlan[]): Promise<void>
  /**
   * `onChange` is told the whole share, at first and whenever it becomes another; without a topic and then with it again
   * where its log was made anew, whose positions are others. Throws `NoSuchTopic` where one is missing.
   */
  assign(consumer: string, topics: string[], onChange: (share: Partition[]) => void): Promise<Assignment>
  ends(topics: string[]): Promise<PartitionEnd[]>
  /** The first offset still retained, for a new consumer and for a position that fell behind retention. */
  earliest(topic: string, partition: number): Promise<bigint>
  /** The first offset of what was appended at that time or later; the end where there is none. */
  offsetAt(topic: string, partition: number, time: Date): Promise<bigint>
  close(): Promise<void>
}
