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
}

/** An event as it lies on the log. */
export interface LogEvent extends BusEvent {
  offset: bigint
}

/** Where in one partition to read from; `day` lets the PostgreSQL log skip older days. */
export interface ReadFrom {
  topic: string
  partition: number
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
export interface PartitionEnd {
  topic: string
  partition: number
  end: bigint
}

/** The partitions of a consumer's topics that this connector serves, until `release`. */
export interface Assignment {
  release(): Promise<void>
}

/** A partitioned log: every driver passes the suite in `suite.ts` on its real server. */
export interface Bus {
  /** Names the log in the `position` table: `postgres`, or the identity of the broker's cluster or stream. */
  readonly log: string
  /** Durable when it resolves. Throws `RefusedEvent` or `Overloaded`, else the error of the medium. */
  append(events: BusEvent[]): Promise<void>
  read(from: ReadFrom, limits: ReadLimits, signal?: AbortSignal): Promise<Slice>
  assign(
    consumer: string,
    topics: string[],
    onChange: (partitions: { topic: string; partition: number }[]) => void,
  ): Promise<Assignment>
  ends(topics: string[]): Promise<PartitionEnd[]>
  /** The first offset still retained, for a new consumer and for a position that fell behind retention. */
  earliest(topic: string, partition: number): Promise<bigint>
  close(): Promise<void>
}
