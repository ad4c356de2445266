import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from '@jest/globals'
import { StorageType } from '@nats-io/jetstream'
import type { Bus } from '#shared/bus/port.ts'
import { until } from '#test/servers/until.ts'
import { eventOf, idsOf, LIMITS, natsWorld, readAll, timed } from './nats-world.ts'

const world = natsWorld()
// The driver's limit of a request, twice where it dials, and what a busy machine adds.
const SOON_MS = 15_000
const LIMITED = { settings: { requestMs: 3_000 } }

/** Appends numbered events one after the other, each again until it is acknowledged. */
async function appendAll(bus: Bus, topic: string, count: number, appended: number[], on: AbortSignal): Promise<number> {
  let faults = 0
  for (let i = 0; i < count && !on.aborted; ) {
    try {
      await bus.append([eventOf(topic, String(i))])
      appended.push(i++)
    } catch (error) {
      expect(error).toMatchObject({ name: 'BusUnavailable' })
      faults++
      await sleep(20)
    }
  }
  return faults
}

/** Follows a topic until `count` events were read, with a position of its own. */
async function follow(bus: Bus, topic: string, count: number, seen: string[], on: AbortSignal): Promise<number> {
  let faults = 0
  const reader = await bus.assign('follower', [topic], () => {})
  for (let offset = 1n; seen.length < count && !on.aborted; ) {
    try {
      const slice = await reader.read({ topic, partition: 0, offset }, LIMITS)
      seen.push(...idsOf(slice.events))
      offset = slice.next
      if (slice.events.length === 0) await sleep(5)
    } catch (error) {
      expect(error).toMatchObject({ name: 'BusUnavailable' })
      faults++
      await sleep(20)
    }
  }
  await reader.release()
  return faults
}

describe('a server of NATS that is killed', () => {
  it('has lost nothing it acknowledged, and reading and appending go on by themselves, in order', async () => {
    const bus = await world.open()
    const topic = await world.topic()
    const appended: number[] = []
    const seen: string[] = []
    const over = new AbortController()
    const { signal } = over
    const both = Promise.all([appendAll(bus, topic, 1500, appended, signal), follow(bus, topic, 1500, seen, signal)])
    try {
      for (const at of [300, 900]) {
        await until(`${at} appended`, () => appended.length >= at)
        world.server.signal('SIGKILL')
        await world.server.restart()
      }
      await until('all of it', () => seen.length >= 1500, 60_000)
    } finally {
      over.abort()
      await both.catch(() => {})
    }
    const [appendFaults, readFaults] = await both
    expect(appendFaults).toBeGreaterThan(0)
    expect(readFaults).toBeGreaterThan(0)
    const wanted = Array.from({ length: 1500 }, (_, i) => String(i))
    expect(seen).toEqual(wanted)
    expect(idsOf(await readAll(bus, topic))).toEqual(wanted)
  })

  it('control: of a stream in memory the same kill loses what was acknowledged', async () => {
    const bus = await world.open()
    const topic = await world.topic(1, { storage: StorageType.Memory })
    await bus.append([eventOf(topic, 'gone')])
    world.server.signal('SIGKILL')
    await world.server.restart()
    await until('the loss', () =>
      readAll(bus, topic).then(
        () => false,
        ({ message }: Error) => message.includes('no topic'),
      ),
    )
  })

  it('is missed soon by everyone who asks, and works again when it is back', async () => {
    const bus = await world.open(LIMITED)
    const topic = await world.topic()
    await until('an append', () => bus.append([eventOf(topic, 'before')]).then(() => true))
    world.server.signal('SIGKILL')
    for (const work of [
      bus.append([eventOf(topic, 'during')]),
      bus.ends([topic]),
      bus.logOf(topic),
      (await world.open(LIMITED)).ends([topic]),
    ]) {
      const { error, ms } = await timed(work)
      expect(error).toBe('BusUnavailable')
      expect(ms).toBeLessThan(SOON_MS)
    }
    await world.server.restart()
    await until('an answer', () => bus.append([eventOf(topic, 'after')]).then(() => true))
    expect(idsOf(await until('what is there', () => readAll(bus, topic)))).toEqual(['before', 'after'])
  })
})

describe('a server of NATS that is frozen', () => {
  it('is missed soon by everyone who asks, and works again when it goes on', async () => {
    const bus = await world.open(LIMITED)
    const topic = await world.topic()
    await until('an append', () => bus.append([eventOf(topic, 'before')]).then(() => true))
    const reader = await bus.assign('frozen', [topic], () => {})
    const read = (offset: bigint) => reader.read({ topic, partition: 0, offset }, LIMITS)
    await until('the end', async () => (await read(1n)).next === 2n)
    await world.server.freeze()
    try {
      for (const ask of [
        () => bus.append([eventOf(topic, 'during')]),
        () => read(2n),
        () => bus.ends([topic]),
        () => bus.append([eventOf(topic, 'during')]),
      ]) {
        const { error, ms } = await timed(ask())
        expect(error).toBe('BusUnavailable')
        expect(ms).toBeLessThan(SOON_MS)
      }
    } finally {
      world.server.signal('SIGCONT')
    }
    await until('an answer', () => bus.append([eventOf(topic, 'after')]).then(() => true))
    // What was sent before the freeze may have been stored: its sender was not told, and would send it again.
    const ids = idsOf(await until('what is there', () => readAll(bus, topic))).filter((id) => id !== 'during')
    expect(ids).toEqual(['before', 'after'])
    await until('what came after', async () => (await read(2n)).events.at(-1)?.id === 'after')
    await reader.release()
  })
})

describe('a position on NATS that the stream cannot serve', () => {
  const outOfRange = (why: RegExp) => ({ name: 'PositionOutOfRange', message: expect.stringMatching(why) })

  it('is told where retention has gone past it, also while reading goes on', async () => {
    const bus = await world.open()
    const topic = await world.topic(2)
    // More than is read ahead.
    const large = (id: string) => eventOf(topic, id, 0, 'x'.repeat(700_000))
    for (let i = 0; i < 10; i++) await bus.append([large(`a${i}`), eventOf(topic, `b${i}`, 1)])
    const reader = await bus.assign('late', [topic], () => {})
    const read = (offset: bigint) => reader.read({ topic, partition: 0, offset }, LIMITS)
    const first = await read(1n)
    expect(idsOf(first.events)).toEqual(['a0'])
    await world.raw(({ manager }) => manager.streams.purge(topic.replaceAll('.', '_'), { seq: 15 }))
    expect(await bus.earliest(topic, 0)).toBe(15n)
    await expect(read(1n)).rejects.toMatchObject(outOfRange(/begins at 15/))
    let next = first.next
    const goOn = async () => {
      for (;;) next = (await read(next)).next
    }
    await expect(goOn()).rejects.toMatchObject(outOfRange(/begins at 15/))
    expect(next).toBeLessThan(15n)
    expect(idsOf((await read(15n)).events)).toEqual(['a7'])
    await reader.release()
  })

  it('is told where it lies beyond the end', async () => {
    const bus = await world.open()
    const topic = await world.topic()
    await bus.append([eventOf(topic, 'one')])
    const reader = await bus.assign('beyond', [topic], () => {})
    expect(await reader.read({ topic, partition: 0, offset: 2n }, LIMITS)).toEqual({ events: [], next: 2n })
    await expect(reader.read({ topic, partition: 0, offset: 3n }, LIMITS)).rejects.toMatchObject(
      outOfRange(/beyond the end of the stream, 2/),
    )
    await reader.release()
  })
})

describe('a stream of NATS that is made anew', () => {
  const makeAnew = (topic: string) =>
    world.raw(async ({ manager }) => {
      const { config } = await manager.streams.info(topic.replaceAll('.', '_'))
      await manager.streams.delete(config.name)
      await manager.streams.add(config)
    })

  it('is another log, however far it has come: its partitions are given anew and read from there', async () => {
    const bus = await world.open()
    const topic = await world.topic(2)
    await bus.append([eventOf(topic, 'old')])
    const before = await bus.logOf(topic)
    const shares: number[] = []
    const reader = await bus.assign('anew', [topic], (share) => shares.push(share.length))
    const read = (offset: bigint, partition = 0) => reader.read({ topic, partition, offset }, LIMITS)
    expect((await read(1n)).next).toBe(2n)
    await makeAnew(topic)
    for (let i = 0; i < 5; i++) await bus.append([eventOf(topic, `new${i}`), eventOf(topic, `other${i}`, 1)])
    expect(await bus.logOf(topic)).not.toBe(before)
    await until('the change to be noticed', async () => {
      await expect(read(2n)).rejects.toMatchObject({ name: 'BusUnavailable' })
      return shares.length > 1
    })
    expect(idsOf((await read(1n)).events)).toEqual(['new0', 'new1', 'new2', 'new3', 'new4'])
    expect(idsOf((await read(1n, 1)).events)).toEqual(['other0', 'other1', 'other2', 'other3', 'other4'])
    expect(shares).toEqual([2, 0, 2])
    await reader.release()
  })

  it('gives nothing anew to who has given it up', async () => {
    const bus = await world.open()
    const topic = await world.topic()
    const shares: number[] = []
    const reader = await bus.assign('anew', [topic], (share) => shares.push(share.length))
    await reader.release()
    await makeAnew(topic)
    await expect(reader.read({ topic, partition: 0, offset: 1n }, LIMITS)).rejects.toThrow('made anew')
    expect(shares).toEqual([1])
  })
})

describe('a partition that stays quiet longer than the retention', () => {
  const quiet = async () => {
    const bus = await world.open()
    const topic = await world.topic(2, { max_age: 18e9, duplicate_window: 1e9 })
    await bus.append([eventOf(topic, 'once', 0)])
    const first = await bus.earliest(topic, 0)
    const reader = await bus.assign('quiet', [topic], () => {})
    const { next } = await reader.read({ topic, partition: 0, offset: first }, LIMITS)
    const busy = async () => {
      await bus.append([eventOf(topic, `b${performance.now()}`, 1)])
      const [end] = await bus.ends([topic])
      return end?.end ?? 0n
    }
    return { bus, topic, reader, next, busy, gone: async () => (await bus.earliest(topic, 0)) > next + 3n }
  }

  it('ends where the stream was some time ago, so that a position there is not taken for lost', async () => {
    const { bus, topic, reader, next, busy, gone } = await quiet()
    let position = next
    await until(
      'the retention to pass',
      async () => {
        const end = await busy()
        if (end > position) position = (await reader.read({ topic, partition: 0, offset: position }, LIMITS)).next
        expect(position).toBe(end)
        return gone()
      },
      90_000,
    )
    await bus.append([eventOf(topic, 'at last', 0)])
    const { events } = await reader.read({ topic, partition: 0, offset: position }, LIMITS)
    expect(idsOf(events)).toEqual(['at last'])
    await reader.release()
  })

  it('control: a position that is not moved along is told to be out of range', async () => {
    const { topic, reader, next, busy, gone } = await quiet()
    await until(
      'the retention to pass',
      async () => {
        await busy()
        return gone()
      },
      90_000,
    )
    await expect(reader.read({ topic, partition: 0, offset: next }, LIMITS)).rejects.toMatchObject({
      name: 'PositionOutOfRange',
    })
    await reader.release()
  })
})
