import { describe, expect, it } from '@jest/globals'
import { eventOf, idsOf, natsWorld, readAll } from './nats-world.ts'

const world = natsWorld({ configuration: 'max_payload: 4096' })

describe('a server of NATS that takes less than 1 MiB', () => {
  it.each([1, 100])('is not asked to store more: the event is refused to its caller alone, of %i', async (count) => {
    const bus = await world.open()
    const topic = await world.topic()
    const good = Array.from({ length: count }, (_, i) => bus.append([eventOf(topic, `e${i}`)]))
    const bad = bus.append([eventOf(topic, 'bad', 0, 'x'.repeat(4000))])
    await expect(bad).rejects.toMatchObject({
      name: 'RefusedEvent',
      code: 'oversize',
      message: expect.stringMatching(/event bad .* 4096 \(its setting max_payload\)/),
    })
    await Promise.all(good)
    expect(idsOf(await readAll(bus, topic))).toEqual(good.map((_, i) => `e${i}`))
  })

  it('stores what just fits, also in a batch', async () => {
    const bus = await world.open()
    const topic = await world.topic()
    let size = 4096
    const largest = (id: string) => eventOf(topic, id, 0, 'x'.repeat(size))
    for (let fits = false; !fits; size -= fits ? 0 : 1) {
      fits = await bus.append([largest('first')]).then(
        () => true,
        ({ name }: Error) => {
          expect(name).toBe('RefusedEvent')
          return false
        },
      )
    }
    await bus.append(Array.from({ length: 20 }, (_, i) => largest(`e${i}`)))
    expect(await readAll(bus, topic)).toHaveLength(20 + 1)
  })
})
