import { postgresBus } from '#shared/bus/postgres.ts'
import type { Random } from '#test/e2e/random.ts'
import type { Site } from './site.ts'

const AT = '2026-03-02T08:00:00.000Z'

/** Puts readings on the log, each in the ledger before it is sent. */
export interface Producer {
  ledger: Set<string>
  /** One event a device name, over the first 3 partitions unless given; the name tells `unruly` what to do. */
  append(devices: string[], partition?: number): Promise<void>
}

/** Opens a producer on the site's log. */
export function openProducer(site: Site): Producer {
  const bus = postgresBus(site.open(2, 'producer'))
  const ledger = new Set<string>()
  let sent = 0
  return {
    ledger,
    async append(devices, partition) {
      const events = devices.map((device) => ({
        topic: 'readings',
        partition: partition ?? sent++ % 3,
        key: device,
        id: idOf(device),
        type: 'city.junction.readings.v1',
        attributes: { source: '/function/ingest', time: AT },
        data: Buffer.from(readingText(device)),
      }))
      for (const { id } of events) ledger.add(id)
      for (let from = 0; from < events.length; from += 500) await bus.append(events.slice(from, from + 500))
    },
  }
}

export const idOf = (device: string) => `${device}@${AT}`

/** An accepted reading, as `readings` carries it. */
export const readingText = (device: string) =>
  `{"device":"${device}","observedAt":"${AT}","measures":{"speed":50},"receivedAt":"${AT}","quality":{"flags":[],"confidence":1}}`

/** Names of so many devices. */
export const devices = (n: number, word = 'd') => Array.from({ length: n }, (_, i) => `${word}-${i}`)

/** The same in another order, no item further than `window` from where it was. */
export function reordered<T>(items: T[], window: number, random: Random): T[] {
  return items
    .map((item, i) => ({ item, at: i + random.next() * window }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item)
}

/** The same in any order, by the seed alone. */
export function shuffled<T>(items: T[], random: Random): T[] {
  return items
    .map((item) => ({ item, at: random.next() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item)
}

/** A call that brings a device's reading as a CloudEvent, without a position. */
export const cloudEvent = (device: string): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/cloudevents+json' },
  body: `{"specversion":"1.0","id":"${idOf(device)}","source":"/faults","type":"city.junction.readings.v1","data":${readingText(device)}}`,
})
