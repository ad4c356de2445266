import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from '@jest/globals'
import { type Certificates, makeCertificates } from '#test/servers/certificates.ts'
import { makeCredentials } from '#test/servers/nats-credentials.ts'
import { until } from '#test/servers/until.ts'
import { eventOf, idsOf, type NatsWorld, natsWorld, readAll } from './nats-world.ts'

const PLAN = [{ topic: 'secured', partitions: 1, retentionDays: 1 }]

/** Opens a bus with these secrets and appends and reads through it. */
async function use(world: NatsWorld, secrets: Record<string, string | undefined>, url = world.server.url) {
  const bus = await world.open({ url, secret: (name) => secrets[name] })
  await bus.ensureTopics(PLAN)
  await bus.append([eventOf('secured', 'one')])
  return idsOf(await readAll(bus, 'secured'))
}

/** What refuses these secrets; a busy machine may not get as far as the word of the server each time. */
async function faultOf(world: NatsWorld, secrets: Record<string, string | undefined>, url = world.server.url) {
  let fault: Error | undefined
  await until('the word of the server', async () => {
    fault = await use(world, secrets, url).then(
      () => new Error('nothing was refused'),
      (error: Error) => error,
    )
    return fault.name !== 'BusUnavailable' || fault.message.includes('TLS')
  })
  return fault as Error
}

describe('NATS that asks for user and password', () => {
  const world = natsWorld({ configuration: 'authorization { user: app, password: "correct horse" }' })

  it('lets in who has them', async () => {
    expect(await use(world, { 'bus-username': 'app\n', 'bus-password': 'correct horse\n' })).toEqual(['one'])
  })

  it.each([
    ['none', {}],
    ['a wrong password', { 'bus-username': 'app', 'bus-password': 'battery staple' }],
  ])('is a fault of the configuration with %s, which is not told', async (_what, secrets) => {
    const fault = await faultOf(world, secrets)
    expect(fault).toMatchObject({ name: 'ConfigurationError', message: expect.stringContaining('bus-password') })
    expect(String(fault.stack)).not.toContain('staple')
  })

  it('is not asked with half of them, nor with a password in the URL', async () => {
    await expect(use(world, { 'bus-username': 'app' })).rejects.toMatchObject({ name: 'ConfigurationError' })
    const withPassword = world.server.url.replace('//', '//app:staple@')
    const fault = await use(world, {}, withPassword).catch((error) => error)
    expect(fault).toMatchObject({ name: 'ConfigurationError' })
    expect(String(fault.message)).not.toContain('staple')
  })
})

describe('NATS that asks for signed credentials', () => {
  const { configuration, creds } = makeCredentials()
  const world = natsWorld({ configuration })

  it('lets in who has the file nats-creds', async () => {
    expect(await use(world, { 'nats-creds': creds })).toEqual(['one'])
  })

  it('denies those of somebody else', async () => {
    expect(await faultOf(world, { 'nats-creds': makeCredentials().creds })).toMatchObject({
      name: 'ConfigurationError',
      message: expect.stringContaining('nats-creds'),
    })
  })
})

describe('NATS with TLS', () => {
  const world = natsWorld({ tls: 'mutual' })
  const plain = natsWorld()
  const folders: string[] = []
  afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))))

  const secretsOf = ({ ca, cert, key }: Certificates) => ({ 'bus-ca': ca, 'bus-cert': cert, 'bus-key': key })
  const trusted = () => secretsOf(world.server.certificates as Certificates)
  async function stranger() {
    const folder = await mkdtemp(join(tmpdir(), 'junction-nats-'))
    folders.push(folder)
    return secretsOf(await makeCertificates(folder))
  }
  const untrusted = { name: 'BusUnavailable', message: expect.stringContaining('TLS') }

  it('lets in who trusts its authority and has a certificate of it', async () => {
    expect(await use(world, trusted())).toEqual(['one'])
  })

  it('is not trusted with another authority, or the public ones', async () => {
    expect(await faultOf(world, { ...trusted(), 'bus-ca': (await stranger())['bus-ca'] })).toMatchObject(untrusted)
    expect(await faultOf(world, { ...trusted(), 'bus-ca': undefined })).toMatchObject(untrusted)
  })

  it('does not let in who has no certificate', async () => {
    await expect(use(world, { 'bus-ca': trusted()['bus-ca'] })).rejects.toMatchObject({ name: 'BusUnavailable' })
  })

  it('is never gone without: a server that has none is not spoken to', async () => {
    const url = `${plain.server.url}?tls=true`
    expect(await faultOf(plain, {}, url)).toMatchObject(untrusted)
  })

  it('names an expired certificate, never goes without TLS instead, and goes on by itself once there is a good one', async () => {
    const { sign } = world.server.certificates as Certificates
    const bus = await world.open({ secret: (name) => (trusted() as Record<string, string>)[name] })
    await bus.ensureTopics(PLAN)
    const [before] = await bus.ends(['secured'])
    await sign('expired')
    await world.server.restart()
    try {
      await until('the word of the new connection', async () => {
        const fault = await bus.append([eventOf('secured', 'never')]).catch((error) => error)
        expect(fault).toMatchObject({ name: 'BusUnavailable' })
        return /certificate has expired/.test(fault.message)
      })
      await until('its word on the ends', async () => {
        const fault = await bus.ends(['secured']).catch((error) => error)
        expect(fault).toMatchObject({ name: 'BusUnavailable' })
        return /certificate has expired/.test(fault.message)
      })
    } finally {
      await sign('good')
      await world.server.restart()
    }
    expect(await bus.ends(['secured'])).toEqual([before])
    await bus.append([eventOf('secured', 'after')])
    expect(idsOf(await readAll(bus, 'secured')).at(-1)).toBe('after')
  })

  it('is tried again with the secrets as they are then', async () => {
    let secrets: Record<string, string> = await stranger()
    const bus = await world.open({ secret: (name) => secrets[name] })
    await until('the word of the server', async () => {
      const fault = await bus.ensureTopics(PLAN).catch((error) => error)
      expect(fault).toMatchObject({ name: 'BusUnavailable' })
      return fault.message.includes('TLS')
    })
    secrets = trusted()
    await bus.ensureTopics(PLAN)
  })
})
