import { describe, expect, it } from '@jest/globals'
import { headers, type Msg } from '@nats-io/transport-node'
import { readHeaders } from '#shared/bus/nats-headers.ts'
import type { Bus, ReadLimits } from '#shared/bus/port.ts'
import { until } from '#test/servers/until.ts'
import { eventOf, idsOf, LIMITS, natsWorld } from './nats-world.ts'

const world = natsWorld()
const nameOf = (topic: string) => topic.replaceAll('.', '_')

async function stored(topic: string, bus: Bus, count: number) {
  await bus.append(Array.from({ length: count }, (_, i) => eventOf(topic, String(i + 1))))
}

/** How many messages the server gave to the consumers of a stream. */
const given = (topic: string): Promise<number[]> =>
  world.raw(async ({ manager }) => {
    const all: number[] = []
    for await (const { delivered } of manager.consumers.list(nameOf(topic))) all.push(delivered.consumer_seq)
    return all
  })

describe('reading from NATS', () => {
  const open = async (count: number) => {
    const bus = await world.open()
    const topic = await world.topic()
    await stored(topic, bus, count)
    const assignment = await bus.assign('reading', [topic], () => {})
    const read = async (offset: bigint, limits: Partial<ReadLimits> = {}) =>
      idsOf((await assignment.read({ topic, partition: 0, offset }, { ...LIMITS, ...limits })).events)
    return { bus, topic, assignment, read }
  }

  it('goes on a little ahead, and no further while nobody reads', async () => {
    const { topic, assignment, read } = await open(5000)
    expect(await read(1n, { events: 100 })).toHaveLength(100)
    await until('more than was read', async () => ((await given(topic))[0] ?? 0) > 500)
    let offset = 101n
    for (let i = 0; i < 5; i++) offset += BigInt((await read(offset, { events: 100 })).length)
    expect(await given(topic)).toEqual([expect.any(Number)])
    expect((await given(topic))[0]).toBeLessThanOrEqual(2500)
    await assignment.release()
  })

  it('begins anew at any other position', async () => {
    const { assignment, read } = await open(20)
    for (const offset of [5n, 2n, 15n, 1n, 20n]) {
      expect(await read(offset, { events: 1 })).toEqual([String(offset)])
    }
    await assignment.release()
  })

  it('gives up its consumer on the server, also one that it was just making', async () => {
    const { topic, assignment, read } = await open(3)
    await read(1n)
    expect(await given(topic)).toHaveLength(1)
    const reading = read(1n)
    await assignment.release()
    await reading
    await until('no consumer', async () => (await given(topic)).length === 0)
  })

  it('gives each of two reads at once all that is there, or says that it has to come again', async () => {
    const { bus, topic, assignment, read } = await open(10)
    expect(await read(1n)).toHaveLength(10)
    await stored(topic, bus, 20)
    const both = await Promise.allSettled([read(11n, { events: 5 }), read(11n, { events: 5 })])
    const firsts = both.map((one) => (one.status === 'fulfilled' ? one.value[0] : one.reason.name))
    expect(firsts).toEqual(['11', 'BusUnavailable'])
    expect(await read(11n, { events: 1 })).toEqual(['11'])
    await assignment.release()
  })

  it('gives up the consumers of two reads that began at once', async () => {
    const { topic, assignment, read } = await open(3)
    await Promise.allSettled([read(1n), read(1n)])
    await until('one consumer', async () => (await given(topic)).length === 1)
    await assignment.release()
    await until('no consumer', async () => (await given(topic)).length === 0)
  })

  it('passes a batch that takes all the bytes it may to the last one', async () => {
    const bus = await world.open({ settings: { requestMs: 500 } })
    const topic = await world.topic()
    const subject = `${topic}.0`
    const ack = `$JS.ACK.${nameOf(topic)}.12345678.1.1.1.1700000000000000000.1`
    const full = (1 << 20) / 4 - subject.length - ack.length
    await world.raw(async ({ js }) => {
      for (let i = 0; i < 8; i++) await js.publish(subject, 'x'.repeat(full))
    })
    const assignment = await until('a share', () => bus.assign('exact', [topic], () => {}))
    for (let offset = 1n; offset < 9n; ) {
      // So short a limit may be over before the server has answered at all.
      const slice = await until('a slice', () => assignment.read({ topic, partition: 0, offset }, LIMITS))
      expect(slice.events.length).toBeGreaterThan(0)
      offset = slice.next
    }
    await assignment.release()
  })
})

it('reads the headers of the library from the bytes it holds', async () => {
  const [own, theirs] = await world.raw(async ({ connection }) => {
    const subscription = connection.subscribe('headers', { max: 1 })
    const sent = headers()
    sent.set('Ce-Id', 'é: 1')
    sent.set('content-type', 'application/json')
    connection.publish('headers', '{"n":1}', { headers: sent })
    const { value } = await subscription[Symbol.asyncIterator]().next()
    const message = value as Msg
    const library = [...(message.headers ?? [])].map(([name, [first]]) => [name.toLowerCase(), first])
    Object.defineProperty(message, 'headers', { value: undefined })
    return [[...readHeaders(message)], library]
  })
  expect(own).toEqual(theirs)
  expect(own).toHaveLength(2)
})
