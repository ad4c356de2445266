import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { realTime } from '#runtime/connector/time.ts'
import { eventOf, kafkaWorld } from '#test/bus/kafka-world.ts'
import { until } from '#test/servers/until.ts'
import { answer, type Bench, consumer, finish, openBench } from './harness.ts'

const world = kafkaWorld()
let bench: Bench
beforeAll(async () => {
  bench = await openBench()
})
afterAll(() => bench?.end())

it('waits for a foreign topic that its producer makes later, and holds nobody up until then', async () => {
  const bus = await world.open()
  const log = await bus.logOf('readings.late')
  const seen: string[] = []
  const foreign = consumer('foreign', { topics: [], foreignTopic: 'traffic-data' })
  const connector = bench.start(
    [consumer('f'), foreign],
    async (name, request) => {
      if (name === 'f') return finish(bench.database, name, request, undefined, log)
      seen.push(request.body.toString())
      return answer(200, '')
    },
    { bus, time: realTime },
  )
  const [f, other] = [() => connector.status().consumers[0], () => connector.status().consumers[1]]
  await until('the connector is ready', () => connector.status().ready, 60_000)
  await until('the topic is waited for', () => other()?.error === 'waiting for topic traffic-data')
  for (let n = 1; n <= 20; n++) {
    await bus.append([eventOf('readings.late', `e${n}`)])
    await until(`f has done ${n}`, () => f()?.partitions[0]?.position === String(n))
  }
  expect(other()?.waitsFor).toBe('traffic-data')

  const producer = world.raw.producer()
  await producer.connect()
  await world.admin((admin) =>
    admin.createTopics({ waitForLeaders: true, topics: [{ topic: 'traffic-data', numPartitions: 1 }] }),
  )
  await producer.send({ topic: 'traffic-data', messages: [{ value: '{"vehicle_count":12}' }] })
  await producer.disconnect()
  await until('its message is read', () => seen.length > 0, 15_000)
  expect(seen).toEqual(['{"vehicle_count":12}'])
  expect(other()).not.toHaveProperty('waitsFor')
  // Neither the look at the log nor anything else has failed meanwhile.
  expect(bench.lines.filter(({ level }) => Number(level) >= 40)).toEqual([])
}, 180_000)
