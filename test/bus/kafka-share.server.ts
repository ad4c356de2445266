import { describe, expect, it } from '@jest/globals'
import type { Bus } from '#shared/bus/port.ts'
import { until } from '#test/servers/until.ts'
import { assignWhole, eventOf, kafkaWorld, LIMITS, readThere, type TestPositions } from './kafka-world.ts'

const world = kafkaWorld()
const ids = (n: number) => Array.from({ length: n }, (_, i) => `e${i}`)

/** Appends to 4 partitions while a second member comes and goes; all that was appended, and what both did. */
async function rebalance(bus: Bus, topic: string, own: () => TestPositions) {
  const consumer = `c-${topic}`
  let count = 0
  let more = true
  const appending = (async () => {
    for (; more; count += 10) {
      await bus.append(Array.from({ length: 10 }, (_, j) => eventOf(topic, `e${count + j}`, (count + j) % 4)))
    }
  })()
  try {
    const first = await world.join(bus, consumer, topic, own())
    await until('the whole share', () => first.share.length === 4)
    const second = await world.join(await world.open(), consumer, topic, own())
    // Shares of two generations may overlap for a while.
    await until(
      'two halves',
      () => first.share.length === 2 && [...first.share, ...second.share].sort().join() === '0,1,2,3',
    )
    await until('something done by the second', () => second.done.length >= 100)
    await second.leave()
    await until('the whole share again', () => first.share.length === 4)
    more = false
    await appending
    return { first, appended: ids(count), done: () => [...first.done, ...second.done] }
  } finally {
    more = false
    await appending.catch(() => {})
  }
}

describe('a share of Kafka', () => {
  it('goes from one to two and back without an event lost or done twice', async () => {
    const topic = await world.topic(4)
    const positions: TestPositions = { next: new Map(), fenced: true }
    const { first, appended, done } = await rebalance(await world.open(), topic, () => positions)
    await until('all done', () => done().length >= appended.length)
    await first.leave()
    expect(first.faults).toEqual([])
    expect(done().toSorted()).toEqual(appended.toSorted())
  })

  it('control: members that do not share their positions do things twice', async () => {
    const topic = await world.topic(4)
    const { done } = await rebalance(await world.open(), topic, () => ({ next: new Map(), fenced: true }))
    await until('something done twice', () => new Set(done()).size < done().length)
  })

  it('keeps the order of each partition whoever reads it', async () => {
    const topic = await world.topic(3)
    const bus = await world.open()
    const events = ids(300).map((id, i) => eventOf(topic, id, i % 3))
    await bus.append(events)
    const { done } = await world.join(bus, `in-order-${topic}`, topic, { next: new Map(), fenced: true })
    await until('all done', () => done.length === 300)
    for (const partition of [0, 1, 2]) {
      const own = done.map((id) => Number(id.slice(1))).filter((n) => n % 3 === partition)
      expect(own).toEqual(own.toSorted((a, b) => a - b))
    }
  })

  it('copies positions to the group, for tools that show lag', async () => {
    const topic = await world.topic(2)
    const bus = await world.open()
    await bus.append(ids(4).map((id) => eventOf(topic, id, 1)))
    const reader = await assignWhole(bus, `copied-${topic}`, topic)
    reader.passed?.({ topic, partition: 1 }, 3n)
    await reader.release()
    const [offsets] = await world.admin((one) =>
      one.fetchOffsets({ groupId: `junction-copied-${topic}`, topics: [topic] }),
    )
    expect(offsets?.partitions.find(({ partition }) => partition === 1)?.offset).toBe('3')
  })

  it('starts where the reader says, whatever the group has committed', async () => {
    const topic = await world.topic()
    const bus = await world.open()
    await bus.append(ids(10).map((id) => eventOf(topic, id)))
    const misleading = { groupId: `junction-misled-${topic}`, topic, partitions: [{ partition: 0, offset: '7' }] }
    await world.admin((one) => one.setOffsets(misleading))
    const reader = await bus.assign(`misled-${topic}`, [topic], () => {})
    const read = (offset: bigint, limits = LIMITS) => readThere(reader, { topic, partition: 0, offset }, limits)
    const slice = await read(2n)
    expect(slice.events.map(({ id }) => id)).toEqual(ids(10).slice(2))
    const again = await read(5n, { events: 2, bytes: 1 << 20 })
    expect(again.events.map(({ id }) => id)).toEqual(['e5', 'e6'])
    await reader.release()
  })
})

describe('a share of a broker that fails', () => {
  it('reads on after SIGKILL and restart, with everything that was acknowledged', async () => {
    const topic = await world.topic(4)
    const bus = await world.open({ settings: { requestMs: 3000 } })
    const acknowledged: string[] = []
    const { done } = await until('a member', () =>
      world.join(bus, `killed-${topic}`, topic, { next: new Map(), fenced: true }),
    )
    let appending = true
    let refused = 0
    const writer = (async () => {
      for (let i = 0; appending; i++) {
        try {
          await bus.append([eventOf(topic, `e${i}`, i % 4)])
          acknowledged.push(`e${i}`)
        } catch (error) {
          expect(error).toMatchObject({ name: 'BusUnavailable' })
          refused++
        }
      }
    })()
    try {
      await until('events on their way', () => done.length > 100)
      world.server.signal('SIGKILL')
      await until('refused appends', () => refused > 2)
      await world.server.restart()
      const before = done.length
      await until('events again', () => done.length > before + 100, 60_000)
    } finally {
      appending = false
      await writer
    }
    await until('all done', () => {
      const seen = new Set(done)
      return acknowledged.every((id) => seen.has(id))
    })
    expect(new Set(done).size).toBe(done.length)
    // A start of the broker.
  }, 300_000)

  it('reads on after the broker stood still', async () => {
    const topic = await world.topic(4)
    const bus = await world.open({ settings: { requestMs: 1500 } })
    const { done } = await until('a member', () =>
      world.join(bus, `stopped-${topic}`, topic, { next: new Map(), fenced: true }),
    )
    await until('a first append', async () => {
      await bus.append(ids(8).map((id, i) => eventOf(topic, id, i % 4)))
      return true
    })
    await until('the first events', () => ids(8).every((id) => done.includes(id)))
    await world.server.freeze()
    try {
      await expect(bus.append([eventOf(topic, 'unheard')])).rejects.toMatchObject({ name: 'BusUnavailable' })
    } finally {
      world.server.signal('SIGCONT')
    }
    await until('the broker again', async () => {
      await bus.append([eventOf(topic, 'after')])
      return true
    })
    await until('what came after', () => done.includes('after'), 60_000)
  })
})
