import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from '@jest/globals'
import { parse } from 'yaml'
import { commandLine } from '#runtime/command-line.ts'
import { connectionsOf } from '#runtime/up/function-settings.ts'
import { openStack } from '#runtime/up/stack-file.ts'
import { readBusUrl } from '#shared/bus/url.ts'
import { Environment } from '#shared/config.ts'

/** A part of a volume. */
interface Part {
  source: string
  target: string
  read_only: boolean
  volume: { subpath: string }
}

interface Service {
  image: string
  profiles?: string[]
  build?: { context: string; dockerfile: string }
  entrypoint?: string[]
  command?: string[]
  environment?: Record<string, string>
  ports?: string[]
  volumes?: (string | Part)[]
  healthcheck?: { test: string[] }
  depends_on?: Record<string, { condition: string }>
  restart?: string
  read_only?: boolean
  cap_drop?: string[]
}

const text = readFileSync('deploy/compose.yaml', 'utf8')
const { services, volumes } = parse(text, { merge: true }) as {
  services: Record<string, Service>
  volumes: Record<string, null>
}
const all = Object.entries(services)
const service = (name: string): Service => services[name] as Service

const partsOf = (volumes: (string | Part)[]): Part[] => volumes.filter((one) => typeof one !== 'string')

/** What `${NAME:-value}` stands for where nobody sets NAME. */
const plain = (value: string): string => value.replace(/\$\{\w+:-([^}]*)\}/g, '$1')

const listenerOf = (name: string): number => {
  const { environment = {} } = service(name)
  if (name === 'kafka') return Number(/PLAINTEXT:\/\/:(\d+)/.exec(environment.KAFKA_LISTENERS ?? '')?.[1])
  // nats-server and PostgreSQL listen there unless they are told of another.
  return name === 'nats' ? 4222 : 5432
}

describe('deploy/compose.yaml', () => {
  it('runs Junction with Kafka and PostgreSQL, all else by profile', () => {
    const profiles = all.filter(([, { profiles }]) => profiles).map(([name]) => name)
    expect(Object.keys(services).filter((name) => !profiles.includes(name))).toEqual([
      ...['setup', 'junction', 'postgres', 'kafka'],
    ])
    expect(profiles).toEqual(['nats', 'minio', 'mosquitto', 'prometheus', 'grafana'])
  })

  it('gives commands that the command line knows', () => {
    const { command = [] } = service('junction')
    const [name, ...options] = command
    const up = commandLine({ out: () => {}, setExitCode: () => {} }).commands.find((one) => one.name() === name)
    const known = up?.options.map(({ long }) => long) ?? []
    expect(options.length).toBeGreaterThan(3)
    for (const option of options) expect(known).toContain(option.split('=')[0])
    const [, sub] = /cli\.js (\w+) --data/.exec(service('setup').command?.[0] ?? '') ?? []
    expect(commandLine({ out: () => {}, setExitCode: () => {} }).commands.map((one) => one.name())).toContain(sub)
  })

  it('sets what Junction reads, to values it takes', () => {
    const environment = service('junction').environment ?? {}
    expect(Object.keys(environment).filter((name) => !(name in Environment.shape))).toEqual([])
    const values = Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, plain(value)]))
    const checked = Environment.safeParse({ ...values, DATABASE_URL: 'postgres://junction@postgres/junction' })
    expect(checked.error).toBeUndefined()
  })

  it.each([
    ['kafka', plain(service('junction').environment?.BUS_URL ?? '')],
    ['nats', /BUS_URL=(nats:\S+)/.exec(text)?.[1] ?? ''],
  ])('finds %s where it listens', (name, url) => {
    const [server] = readBusUrl(url).servers
    expect(server).toBe(`${name}:${listenerOf(name)}`)
  })

  it('tells clients of Kafka the address they can reach', () => {
    expect(service('kafka').environment?.KAFKA_ADVERTISED_LISTENERS).toBe(`PLAINTEXT://kafka:${listenerOf('kafka')}`)
  })

  it('finds PostgreSQL, with its user, its database and enough connections', () => {
    const option = service('junction').command?.find((part) => part.startsWith('--database='))
    const url = new URL(option?.slice('--database='.length) ?? '')
    const { environment = {}, command = [] } = service('postgres')
    expect(url.host).toBe(`postgres:${listenerOf('postgres')}`)
    expect([url.username, url.pathname]).toEqual([environment.POSTGRES_USER, `/${environment.POSTGRES_DB}`])
    const most = Number(/max_connections=(\d+)/.exec(command.join(' '))?.[1])
    expect(most).toBeGreaterThanOrEqual(connectionsOf(openStack('.', undefined, {})))
  })

  it('looks after the health of what lasts, and starts each behind what it needs', () => {
    for (const [name, { healthcheck, restart, depends_on = {} }] of all) {
      expect([name, healthcheck !== undefined, restart]).toEqual(
        name === 'setup' ? [name, false, undefined] : [name, true, 'unless-stopped'],
      )
      for (const [other, { condition }] of Object.entries(depends_on)) {
        expect([name, other, condition]).toEqual([
          ...[name, other],
          other === 'setup' ? 'service_completed_successfully' : 'service_healthy',
        ])
      }
    }
    const port = service('junction')
      .command?.find((part) => part.startsWith('--port='))
      ?.slice('--port='.length)
    expect(service('junction').healthcheck?.test.join(' ')).toContain(`http://127.0.0.1:${port}/healthz`)
    expect(service('junction').ports).toEqual([`127.0.0.1:8080:${port}`])
  })

  it('opens ports to this machine alone', () => {
    const open = all.flatMap(([, { ports = [] }]) => ports)
    expect(open.length).toBeGreaterThan(4)
    expect(open.filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([])
  })

  it('holds no password, and shows each service just the one it needs', () => {
    const suspicious = all.flatMap(([, { environment = {} }]) =>
      Object.entries(environment).filter(
        ([name, value]) => /PASS|SECRET|TOKEN|KEY/.test(name) && !/^\/run\//.test(value),
      ),
    )
    expect(suspicious).toEqual([])
    const made = new Set(service('setup').command?.[0]?.match(/(?<=\/data\/)for\/[a-z]+/g))
    expect([...made]).toEqual(['for/postgres', 'for/prometheus', 'for/minio', 'for/grafana'])
    for (const [name, { volumes = [] }] of all) {
      for (const { source, target, read_only: closed, volume } of partsOf(volumes)) {
        expect([source, target, closed, volume.subpath]).toEqual(['data', '/run/junction', true, `for/${name}`])
        made.delete(volume.subpath)
      }
    }
    expect([...made]).toEqual([])
  })

  it('confines what is our own', () => {
    for (const name of ['setup', 'junction'])
      expect(service(name)).toMatchObject({
        read_only: true,
        cap_drop: ['ALL'],
        security_opt: ['no-new-privileges:true'],
      })
  })

  it('names images by an exact version, and volumes and files that are there', () => {
    const [built, ...others] = all.filter(([, { build }]) => build)
    expect([built?.[0], others]).toEqual(['setup', []])
    expect(existsSync(`deploy/${built?.[1].build?.context}/${built?.[1].build?.dockerfile}`)).toBe(true)
    expect(service('junction')).toMatchObject({ image: built?.[1].image, pull_policy: 'never' })
    for (const [name, { image, volumes: mounted = [] }] of all) {
      const tag = image.slice(image.lastIndexOf(':') + 1)
      if (image !== built?.[1].image)
        expect([name, tag]).toEqual([name, expect.stringMatching(/\d+\.\d+|^RELEASE\.\d{4}/)])
      for (const mount of mounted) {
        const from = typeof mount === 'string' ? (mount.split(':')[0] ?? '') : mount.source
        expect([mount, from.startsWith('.') ? existsSync(`deploy/${from}`) : from in volumes]).toEqual([mount, true])
      }
    }
  })

  it('lets Prometheus find the metrics, with the token it is given', () => {
    const { scrape_configs: jobs } = parse(readFileSync('deploy/prometheus/prometheus.yml', 'utf8'))
    const [place] = partsOf(service('prometheus').volumes ?? [])
    for (const { authorization, static_configs: targets } of jobs) {
      expect(targets).toEqual([{ targets: ['junction:8080'] }])
      expect(authorization.credentials_file).toBe(`${place?.target}/operator-token`)
    }
    expect(service('setup').command?.[0]).toContain('/data/secrets/operator-token /data/for/prometheus/operator-token')
  })
})
