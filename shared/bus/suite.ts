import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { Assignment, Bus, BusEvent, LogEvent, Partition } from './port.ts'

/** How the suite gets a bus of its own, with the topic `readings` (8 partitions) empty. */
export interface BusUnderTest {
  bus: Bus
  close(): Promise<void>
}

const LIMITS = { events: 1000, bytes: 1 << 20 }
const PATIENCE_MS = 60_000

const event = (partition: number, id: string, data: string | Uint8Array = `{"id":"${id}"}`): BusEvent => ({
  topic: 'readings',
  partition,
  key: `key-${id}`,
  id,
  type: 'city.junction.readings.v1',
  attributes: { source: '/test', subject: id },
  data: typeof data === 'string' ? Buffer.from(data) : data,
})

/** Every driver of the bus passes this on its real server. */
export function busSuite(name: string, open: () => Promise<BusUnderTest>): void {
  describe(`the bus on ${name}`, () => {
    let bus: Bus
    let close: () => Promise<void>
    let share: Partition[] = []
    let reader: Assignment

    beforeAll(async () => {
      ;({ bus, close } = await open())
      reader = await bus.assign('suite', ['readings'], (partitions) => {
        share = partitions
      })
    })
    afterAll(async () => {
      await reader?.release()
      await close?.()
    })

    const end = async (partition: number) => {
      const ends = await bus.ends(['readings'])
      return ends.find((one) => one.partition === partition)?.end as bigint
    }
    const readAll = async (partition: number, from: bigint): Promise<LogEvent[]> => {
      const events: LogEvent[] = []
      const last = await end(partition)
      for (let offset = from; offset < last; ) {
        const slice = await readThere(partition, offset, LIMITS)
        events.push(...slice.events)
        offset = slice.next
      }
      return events
    }
    /** Of what is there: a broker that is slow may first answer that nothing has come. */
    const readThere = async (partition: number, offset: bigint, limits: typeof LIMITS) => {
      const deadline = performance.now() + PATIENCE_MS
      for (;;) {
        const slice = await reader.read({ topic: 'readings', partition, offset }, limits)
        if (slice.events.length > 0) return slice
        if (performance.now() > deadline) throw new Error(`nothing came of partition ${partition} from ${offset} on`)
      }
    }

    it('gives back what was appended, in order, byte for byte', async () => {
      const from = await end(0)
      const raw = Buffer.from([0, 255, 123, 0, 10])
      await bus.append([event(0, 'a'), event(0, 'b', raw), event(0, 'c', '"\\u0000"')])
      const events = await readAll(0, from)
      expect(events.map(({ id }) => id)).toEqual(['a', 'b', 'c'])
      expect(Buffer.compare(Buffer.from(events[1]?.data as Uint8Array), raw)).toBe(0)
      expect(events[0]).toMatchObject({ key: 'key-a', attributes: { source: '/test', subject: 'a' } })
    })

    it('keeps partitions apart and counts their ends', async () => {
      const [one, two, three] = await Promise.all([end(1), end(2), end(3)])
      await bus.append([event(1, 'p1'), event(2, 'p2'), event(1, 'p1b')])
      const [inOne, inTwo] = [await readAll(1, one), await readAll(2, two)]
      expect([inOne, inTwo].map((events) => events.map(({ id }) => id))).toEqual([['p1', 'p1b'], ['p2']])
      // Offsets may have holes, but an end lies right behind the last event, and is moved by those of its partition alone.
      expect(await Promise.all([end(1), end(2), end(3)])).toEqual([
        (inOne.at(-1)?.offset ?? 0n) + 1n,
        (inTwo.at(-1)?.offset ?? 0n) + 1n,
        three,
      ])
    })

    it('answers a read at the end with an empty slice that stays where it began', async () => {
      const offset = await end(3)
      expect(await reader.read({ topic: 'readings', partition: 3, offset }, LIMITS)).toEqual({
        events: [],
        next: offset,
      })
    })

    it('holds a slice to its limits, but always brings the first event', async () => {
      const from = await end(4)
      const large = 'x'.repeat(300_000)
      await bus.append([event(4, 'l1', large), event(4, 'l2', large), event(4, 'l3', large), event(4, 'l4', large)])
      const byBytes = await readThere(4, from, { events: 100, bytes: 700_000 })
      expect(byBytes.events.map(({ id }) => id)).toEqual(['l1', 'l2'])
      const tiny = await readThere(4, byBytes.next, { events: 100, bytes: 10 })
      expect(tiny.events.map(({ id }) => id)).toEqual(['l3'])
      const byCount = await readThere(4, from, { events: 3, bytes: 1 << 22 })
      expect(byCount.events).toHaveLength(3)
    })

    it('refuses an event over 900 KiB before it is sent', async () => {
      const from = await end(5)
      await expect(bus.append([event(5, 'big', 'x'.repeat(901 << 10))])).rejects.toMatchObject({ code: 'oversize' })
      expect(await end(5)).toBe(from)
    })

    it('rejects what names no topic of the log, and nothing of it vanishes silently', async () => {
      await expect(bus.append([{ ...event(0, 'lost'), topic: 'no.such.topic' }])).rejects.toThrow(/topic/)
    })

    it('lets no caller fail for the event of another', async () => {
      const from = await end(6)
      const good = Array.from({ length: 20 }, (_, i) => bus.append([event(6, `g${i}`)]))
      const bad = bus.append([{ ...event(6, 'nowhere'), partition: 99 }])
      await Promise.all(good)
      await expect(bad).rejects.toThrow()
      expect((await readAll(6, from)).map(({ id }) => id).sort()).toEqual(good.map((_, i) => `g${i}`).sort())
    })

    it('shows a reader neither a gap nor another order while 8 writers append', async () => {
      const from = await end(7)
      let done = false
      const seen: LogEvent[] = []
      const reading = (async () => {
        for (let offset = from; ; ) {
          const last = done
          const slice = await reader.read({ topic: 'readings', partition: 7, offset }, LIMITS)
          seen.push(...slice.events)
          offset = slice.next
          if (last && offset >= (await end(7))) return
        }
      })()
      try {
        await Promise.all(
          Array.from({ length: 8 }, async (_, writer) => {
            for (let i = 0; i < 50; i++) await bus.append([event(7, `w${writer}-${i}`)])
          }),
        )
      } finally {
        done = true
        await reading
      }
      expect(seen).toHaveLength(400)
      for (let writer = 0; writer < 8; writer++) {
        const own = seen.filter(({ id }) => id.startsWith(`w${writer}-`)).map(({ id }) => Number(id.split('-')[1]))
        expect(own).toEqual(Array.from({ length: 50 }, (_, i) => i))
      }
      expect(seen.map(({ offset }) => offset)).toEqual((await readAll(7, from)).map(({ offset }) => offset))
    })

    it('knows by time where to begin again', async () => {
      await bus.append([event(1, 'before')])
      const from = await end(1)
      // Instants of a broker are whole milliseconds.
      await delay(20)
      const time = new Date()
      await delay(20)
      await bus.append([event(1, 'after')])
      const offset = await bus.offsetAt('readings', 1, time)
      const [first] = await readAll(1, offset)
      expect(first?.id).toBe('after')
      expect(offset).toBeGreaterThanOrEqual(from)
      expect(await bus.offsetAt('readings', 1, new Date(Date.now() + 3_600_000))).toBe(await end(1))
      const all = await readAll(1, await bus.offsetAt('readings', 1, new Date(0)))
      expect(all.map(({ id }) => id)).toContain('before')
    })

    it('refuses to read beyond the end, and reads on from where there is something', async () => {
      const offset = await end(2)
      await expect(
        reader.read({ topic: 'readings', partition: 2, offset: offset + 1_000_000n }, LIMITS),
      ).rejects.toMatchObject({ name: 'PositionOutOfRange' })
      await bus.append([event(2, 'mended')])
      expect((await readAll(2, offset)).map(({ id }) => id)).toEqual(['mended'])
    })

    it('gives a consumer that is alone every partition', () => {
      expect(share.map(({ partition }) => partition).sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
    })
  })
}
