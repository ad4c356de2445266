import { setTimeout as delay } from 'node:timers/promises'
import { partitionOf } from '#shared/bus/partition.ts'
import type { Bus, BusEvent } from '#shared/bus/port.ts'
import type { Ledger } from '#test/e2e/ledger.ts'
import { until } from '#test/e2e/runtime.ts'

/** How events are sent. */
export interface LoadOptions {
  events: number
  /** As fast as the bus takes them unless given. */
  perSecond?: number
  /** Each event is appended so many times, and no bus takes it for one it has. */
  times?: number
  /** Every so manieth event is one no function can read. */
  poisonEvery?: number
  /** Events of one append. */
  batch?: number
  /** Posts each event alone, as a client does, until it is accepted, instead of appending it. */
  post?: { url: string; onAnswer(answer: Answer): void }
}

/** What a client was answered, 0 for nothing, and when. */
export interface Answer {
  status: number
  began: number
  ended: number
}

/** Events on their way to the log. */
export interface Load {
  /** Resolves when all are durable. */
  done: Promise<void>
  /** Durable so far. */
  acked(): number
  /** Resolves when that share of them is. */
  reached(share: number): Promise<void>
}

/** Sends events, each in the ledger before. */
export interface Generator {
  send(options: LoadOptions): Load
  /** Events sent, whatever became of them. */
  count(): number
  /** Appends that failed and were made again: their events may lie on the log twice. */
  repeats(): number
  /** When each event was durable, by its id (ms). */
  ackedAt: Map<string, number>
}

const PARTITIONS = 8
const RETRY_MS = 100

/** The partition an event of the generator lies in, by its id. */
export const partitionOfId = (id: string) => partitionOf(id.slice(0, id.indexOf('@')), PARTITIONS)

/** Opens a generator of readings, each of a device of its own. */
export function openGenerator(bus: Bus, ledger: Ledger): Generator {
  const ackedAt = new Map<string, number>()
  const start = Date.now() - 3_600_000
  let sent = 0
  let repeats = 0

  const append = async (events: BusEvent[]) => {
    for (;;) {
      try {
        return await bus.append(events)
      } catch {
        repeats++
        await delay(RETRY_MS)
      }
    }
  }

  const post = async ({ data }: BusEvent, { url, onAnswer }: NonNullable<LoadOptions['post']>) => {
    const {
      receivedAt: _,
      quality: __,
      ...sentReading
    } = JSON.parse(Buffer.from(data).toString()) as Record<string, unknown>
    for (;;) {
      const began = Date.now()
      const status = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(sentReading),
        signal: AbortSignal.timeout(15_000),
      }).then(
        async (response) => {
          await response.arrayBuffer()
          return response.status
        },
        () => 0,
      )
      onAnswer({ status, began, ended: Date.now() })
      if (status === 202) return
      repeats++
      await delay(RETRY_MS)
    }
  }

  const run = async (load: LoadOptions, onAcked: (n: number) => void) => {
    const { events, perSecond = 0, times = 1, poisonEvery = 0, batch = perSecond > 0 ? 10 : 100 } = load
    const began = performance.now()
    for (let n = 0; n < events; n += batch) {
      const many = Array.from({ length: Math.min(batch, events - n) }, () => {
        sent++
        return reading(sent, start, poisonEvery > 0 && sent % poisonEvery === 0)
      })
      ledger.write(many.map(({ id }) => id))
      const client = load.post
      if (client) await Promise.all(many.map((event) => post(event, client)))
      else if (times === 1) await append(many)
      else
        for (let time = 0; time < times; time++)
          await append(many.map((event) => ({ ...event, dedupeId: `${event.id}/${time}` })))
      for (const { id } of many) ackedAt.set(id, Date.now())
      onAcked(many.length)
      if (perSecond > 0) await delay(Math.max(0, began + ((n + batch) / perSecond) * 1000 - performance.now()))
    }
  }

  return {
    ackedAt,
    count: () => sent,
    repeats: () => repeats,
    send(options) {
      let acked = 0
      const done = run(options, (n) => {
        acked += n
      })
      done.catch(() => {})
      return {
        done,
        acked: () => acked,
        reached: (share) => until(`${share * 100} % are sent`, async () => acked >= options.events * share, 3_600_000),
      }
    },
  }
}

/** The n-th reading, as `readings` carries it; `poison` is cut short. */
function reading(n: number, start: number, poison: boolean): BusEvent {
  const device = `d${n}`
  const at = new Date(start + n).toISOString()
  const text = `{"device":"${device}","observedAt":"${at}","measures":{"speed":50},"receivedAt":"${at}","quality":{"flags":[],"confidence":1}}`
  return {
    topic: 'readings',
    partition: partitionOf(device, PARTITIONS),
    key: device,
    id: `${device}@${at}`,
    type: 'city.junction.readings.v1',
    attributes: { source: '/faults', time: at },
    data: Buffer.from(poison ? text.slice(0, -2) : text),
  }
}
