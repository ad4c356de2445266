import { expect, it } from '@jest/globals'
import type { SecuredListeners } from '#test/servers/kafka.ts'
import { until } from '#test/servers/until.ts'
import { eventOf, kafkaWorld, readAll } from './kafka-world.ts'

const world = kafkaWorld({ secured: true })
const secured = () => world.server.secured as SecuredListeners
const secrets = (given: Record<string, string>) => (name: string) => given[name]
const login = () => ({ 'bus-username': secured().username, 'bus-password': `${secured().password}\n` })

it.each([
  ['PLAIN', () => [`${secured().sasl}?sasl=plain`, login()]],
  ['SCRAM-SHA-256', () => [`${secured().sasl}?sasl=scram-sha-256`, login()]],
  ['TLS', () => [`${secured().tls}?tls=true`, { 'bus-ca': secured().ca }]],
  [
    'TLS with a client certificate',
    () => [
      `${secured().tls}?tls=true`,
      { 'bus-ca': secured().ca, 'bus-cert': secured().cert, 'bus-key': secured().key },
    ],
  ],
  [
    'SCRAM-SHA-512 over TLS',
    () => [`${secured().saslTls}?tls=true&sasl=scram-sha-512`, { ...login(), 'bus-ca': secured().ca }],
  ],
] as [string, () => [string, Record<string, string>]][])('appends and reads by %s', async (_, of) => {
  const [url, given] = of()
  const bus = await world.open({ url, secret: secrets(given) })
  const topic = await world.topic()
  await bus.append([eventOf(topic, 'a')])
  expect((await readAll(bus, topic)).map(({ id }) => id)).toEqual(['a'])
})

it.each(['plain', 'scram-sha-256', 'scram-sha-512'])(
  'says that a password is wrong, and not which, by %s',
  async (sasl) => {
    const given = { ...login(), 'bus-password': 'not-the-password' }
    const bus = await world.open({ url: `${secured().sasl}?sasl=${sasl}`, secret: secrets(given) })
    const topic = await world.topic()
    for (const attempt of [bus.append([eventOf(topic, 'a')]), bus.ends([topic]), bus.assign('c', [topic], () => {})]) {
      const error = await attempt.then(
        () => undefined,
        (reason: Error) => reason,
      )
      expect(error).toMatchObject({
        name: 'ConfigurationError',
        message: expect.stringMatching(/bus-username.*bus-password/),
      })
      expect(`${error?.stack}${JSON.stringify(error)}`).not.toContain('not-the-password')
    }
  },
)

it('trusts no server it was not told to trust', async () => {
  const topic = await world.topic()
  const bus = await world.open({ url: `${secured().tls}?tls=true` })
  const untrusted = { name: 'BusUnavailable', message: expect.stringMatching(/certificate.*bus-ca/) }
  await until('the word of TLS', async () => {
    await expect(bus.append([eventOf(topic, 'a')])).rejects.toMatchObject(untrusted)
    return true
  })
  expect(await (await world.open()).ends([topic])).toMatchObject([{ end: 0n }])
})

it('names an expired certificate, never goes without TLS instead, and goes on by itself once there is a good one', async () => {
  const topic = await world.topic()
  const url = `${secured().tls}?tls=true`
  const bus = await world.open({ url, secret: secrets({ 'bus-ca': secured().ca }) })
  await bus.append([eventOf(topic, 'before')])
  const reader = await bus.assign(`of-${topic}`, [topic], () => {})
  await secured().sign('expired')
  await world.server.restart()
  const expired = { name: 'BusUnavailable', message: expect.stringMatching(/certificate has expired/) }
  try {
    await until('the word of a new connection', async () => {
      await expect(bus.append([eventOf(topic, 'never')])).rejects.toMatchObject(expired)
      return true
    })
    await until('its word on the ends', async () => {
      await expect(bus.ends([topic])).rejects.toMatchObject(expired)
      return true
    })
    // Another listener of the same broker takes what comes without TLS.
    expect(await (await world.open()).ends([topic])).toMatchObject([{ end: 1n }])
  } finally {
    await secured().sign('good')
    await world.server.restart()
  }
  await until('the good certificate', async () => {
    await bus.append([eventOf(topic, 'after')])
    return true
  })
  const seen: string[] = []
  let offset = 0n
  await until(
    'both events',
    async () => {
      const slice = await reader.read({ topic, partition: 0, offset }, { events: 10, bytes: 1 << 20 })
      seen.push(...slice.events.map(({ id }) => id))
      offset = slice.next
      return seen.includes('after')
    },
    60_000,
  )
  expect(new Set(seen)).toEqual(new Set(['before', 'after']))
  await reader.release()
  // Two starts of the broker.
}, 300_000)

it('takes a renewed secret without a restart', async () => {
  const topic = await world.topic()
  const given: Record<string, string> = { ...login(), 'bus-password': 'yesterday' }
  const bus = await world.open({ url: `${secured().sasl}?sasl=plain`, secret: secrets(given) })
  await expect(bus.append([eventOf(topic, 'a')])).rejects.toMatchObject({ name: 'ConfigurationError' })
  Object.assign(given, login())
  await bus.append([eventOf(topic, 'a')])
})

it('refuses what cannot work before it connects', async () => {
  await expect(world.open({ url: `${secured().sasl}?sasl=plain` })).rejects.toThrow(/bus-username and bus-password/)
  const half = { 'bus-cert': secured().cert }
  await expect(world.open({ url: `${secured().tls}?tls=true`, secret: secrets(half) })).rejects.toThrow(/bus-key/)
})

it('speaks to no TLS listener in the clear', async () => {
  const bus = await world.open({ url: secured().tls, settings: { requestMs: 1000 } })
  await expect(bus.ends([await world.topic()])).rejects.toMatchObject({ name: 'BusUnavailable' })
})
