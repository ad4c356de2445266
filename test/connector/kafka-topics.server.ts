import { afterEach, beforeEach, expect, it } from '@jest/globals'
import { AclOperationTypes, AclPermissionTypes, AclResourceTypes, ResourcePatternTypes } from 'kafkajs'
import { realTime } from '#runtime/connector/time.ts'
import { eventOf, kafkaWorld } from '#test/bus/kafka-world.ts'
import { until } from '#test/servers/until.ts'
import { answer, type Bench, consumer, finish, openBench } from './harness.ts'

const world = kafkaWorld({
  properties: {
    'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    'allow.everyone.if.no.acl.found': 'true',
  },
})
let bench: Bench
beforeEach(async () => {
  bench = await openBench()
})
afterEach(() => bench?.end())

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
  const begun = bench.lines.length
  await until('the topic is waited for', () => other()?.error === 'waiting for topic traffic-data')
  for (let n = 1; n <= 20; n++) {
    await bus.append([eventOf('readings.late', `e${n}`)])
    await until(`f has done ${n}`, () => f()?.partitions[0]?.position === String(n))
  }
  expect(other()?.waitsFor).toBe('traffic-data')

  const producer = world.raw.producer()
  await producer.connect()
  await world.admin(async (admin) => {
    await admin.createTopics({ waitForLeaders: false, topics: [{ topic: 'traffic-data', numPartitions: 1 }] })
    await until('the topic is served', () => admin.fetchTopicOffsets('traffic-data'))
  })
  await producer.send({ topic: 'traffic-data', messages: [{ value: '{"vehicle_count":12}' }] })
  await producer.disconnect()
  await until('its message is read', () => seen.length > 0, 60_000)
  expect(seen).toEqual(['{"vehicle_count":12}'])
  expect(other()).not.toHaveProperty('waitsFor')
  // Neither the look at the log nor anything else has failed meanwhile.
  expect(bench.lines.slice(begun).filter(({ level }) => Number(level) >= 40)).toEqual([])
}, 180_000)

it('is stopped for a topic that it may not read, and holds nobody up, until it may', async () => {
  const bus = await world.open()
  const log = await bus.logOf('readings.late')
  const topic = await world.topic()
  const acl = {
    ...{ resourceType: AclResourceTypes.TOPIC, resourceName: topic, resourcePatternType: ResourcePatternTypes.LITERAL },
    ...{ principal: 'User:somebody', host: '*', operation: AclOperationTypes.READ },
    permissionType: AclPermissionTypes.ALLOW,
  }
  const producer = await world.open()
  await producer.append([eventOf(topic, 'secret')])
  await world.admin((admin) => admin.createAcls({ acl: [acl] }))
  await until('it takes effect', () =>
    bus.ends([topic]).then(
      () => false,
      ({ code }) => code === 'configuration',
    ),
  )
  let got = 0
  const connector = bench.start(
    [consumer('g'), consumer('denied', { topics: [], foreignTopic: topic })],
    async (name, request) => {
      if (name === 'g') return finish(bench.database, name, request, undefined, log)
      got++
      return answer(200, '')
    },
    { bus, time: realTime },
  )
  const [g, denied] = [() => connector.status().consumers[0], () => connector.status().consumers[1]]
  await until('the connector is ready', () => connector.status().ready, 60_000)
  await until('it is stopped', () => denied()?.state === 'stop')
  expect(denied()).toMatchObject({ code: 'configuration', error: expect.stringContaining('denies') })
  const before = (await bus.ends(['readings.late'])).find(({ partition }) => partition === 0)?.end ?? 0n
  await until('g stands at the end', () => g()?.partitions[0]?.position === String(before))
  for (let n = 1n; n <= 10n; n++) {
    await bus.append([eventOf('readings.late', `g${n}`)])
    await until(`g has done ${n}`, () => g()?.partitions[0]?.position === String(before + n))
  }
  expect(g()?.state).toBe('running')
  expect(bench.lines.filter(({ alarm }) => alarm === 'consumer_stopped')).toMatchObject([{ consumer: 'denied' }])
  await world.admin((admin) => admin.deleteAcls({ filters: [acl] }))
  await until('it may read', async () => {
    connector.resume('denied')
    return got > 0
  })
}, 180_000)
