import type { MsgRequest } from '@nats-io/jetstream'
import type { NatsClient } from './nats-connection.ts'
import type { Stream } from './nats-streams.ts'

/** Knows where the partitions of one stream end. */
export interface EndCounter {
  ends(client: NatsClient, stream: Stream): Promise<number[]>
  readonly floor: number
}

// Of the retention: how old what a quiet partition is moved past must be, and how often that is looked up.
const QUIET = 1 / 2
const LOOK = 1 / 200
const NOTHING = 404

/**
 * The end of a partition is the sequence after its last message, so that every message moves one end only. A partition
 * that stays quiet would fall behind retention with its consumers' positions, and nobody could tell any more whether
 * something of it was lost: half the retention behind, its end follows the stream.
 */
export function endCounter(): EndCounter {
  let known: { end: number; lasts: number[] } | undefined
  let floor = 0
  let lookedAt = Number.NEGATIVE_INFINITY

  async function lastsOf(client: NatsClient, stream: Stream): Promise<number[]> {
    if (known?.end === stream.end) return known.lasts
    const lasts = await askLasts(client, stream)
    // A replica that lags answers with less; what is complete holds until the stream grows.
    if (Math.max(...lasts) >= stream.end - 1) known = { end: stream.end, lasts }
    return lasts
  }

  async function raiseFloor(client: NatsClient, stream: Stream): Promise<void> {
    const now = performance.now()
    if (stream.subjects.length < 2 || stream.retentionMs === 0 || now - lookedAt < stream.retentionMs * LOOK) return
    const young = await firstSince(client, stream, new Date(Date.now() - stream.retentionMs * QUIET), '>')
    floor = Math.max(floor, young ?? stream.end)
    lookedAt = now
  }

  return {
    get floor() {
      return floor
    },
    async ends(client, stream) {
      await raiseFloor(client, stream)
      const lasts = await lastsOf(client, stream)
      return lasts.map((last) => Math.max(last + 1, floor, last === 0 ? stream.first : 0))
    },
  }
}

/** The sequence of the first message stored at that time or later. */
export async function firstSince(
  { manager }: NatsClient,
  { name }: Stream,
  time: Date,
  subject: string,
): Promise<number | undefined> {
  // The library's types do not know that this request takes a time, too; its direct one does not go to every stream.
  const query = { start_time: time.toISOString(), next_by_subj: subject } as unknown as MsgRequest
  return (await manager.streams.getMessage(name, query))?.seq
}

async function askLasts({ manager }: NatsClient, stream: Stream): Promise<number[]> {
  if (stream.whole) return [stream.end - 1]
  if (!stream.direct) {
    const asked = stream.subjects.map((subject) => manager.streams.getMessage(stream.name, { last_by_subj: subject }))
    return (await Promise.all(asked)).map((message) => message?.seq ?? 0)
  }
  const lasts = stream.subjects.map(() => 0)
  await new Promise<void>((resolve, reject) => {
    manager.direct
      .getLastMessagesFor(stream.name, {
        multi_last: stream.subjects,
        callback(done, message) {
          if (done === null) lasts[stream.subjects.indexOf(message.subject)] = message.seq
          else if (done.err === undefined || (done.err as { code?: unknown }).code === NOTHING) resolve()
          else reject(done.err)
        },
      })
      .catch(reject)
  })
  return lasts
}
