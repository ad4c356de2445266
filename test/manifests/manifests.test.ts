import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from '@jest/globals'
import { parseAllDocuments } from 'yaml'
import { manifests } from '#runtime/commands/manifests.ts'
import { TARGETS } from '#runtime/manifests/types.ts'
import { validate } from '#runtime/manifests/validate/validate.ts'
import { readDeployed } from '#runtime/standalone/deployed.ts'
import { listedFunctions } from '#runtime/standalone/listed.ts'
import { run } from '#test/cli/junction.ts'
import { cases, golden, made } from './cases.ts'

describe.each(cases.map((one) => [one.name, one] as const))('manifests for %s', (_, one) => {
  it('are byte for byte what is kept, each time they are made', () => {
    const { texts } = made(one)
    const sortedTexts = new Map([...texts].sort(([a], [b]) => (a < b ? -1 : 1)))
    expect(sortedTexts).toEqual(golden(one))
    expect([...made(one).texts]).toEqual([...texts])
  })

  it('are refused by no rule, as they lie there', () => {
    const secrets = made(one).generated.secrets.map(({ name }) => name)
    expect(validate(golden(one), { target: one.options.target, secrets })).toEqual([])
  })
})

describe.each(['knative', 'knative-sources', 'keda'])('the list of functions of %s', (name) => {
  it('is one that the connector reads, and leaves nobody out', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'junction-manifests-'))
    const text = golden({ name }).get('40-connector.yaml') as string
    const [list] = parseAllDocuments(text).map((document) => document.toJS())
    writeFileSync(join(folder, 'functions.json'), list.data['functions.json'])
    const listed = await listedFunctions(join(folder, 'functions.json')).list()
    rmSync(folder, { recursive: true })
    const { specs, faults } = readDeployed(listed, 10_000)
    expect(faults).toEqual(new Map())
    const events = specs.map((spec) => [spec.name, spec.topics, spec.foreignTopic, spec.schedule?.cron])
    expect(events).toEqual(
      name === 'knative-sources'
        ? [
            ['counter', [], undefined, undefined],
            ['forecast', [], undefined, '*/5 * * * *'],
          ]
        : [
            ['counter', ['readings', 'traffic.states'], undefined, undefined],
            ['forecast', [], undefined, '*/5 * * * *'],
            ['legacy', [], 'readings', undefined],
            ['sweep', [], undefined, '0 3 * * *'],
          ],
    )
  })
})

describe('the stack of this project', () => {
  it.each(TARGETS)('can be deployed on %s', (target) => {
    const { texts } = made({ options: { target, delivery: 'connector' }, env: {} }, 'stack.yml')
    expect([...texts.keys()]).toContain('NOTES.md')
  })
})

describe('junction manifests', () => {
  it('tells on the command line what it wrote, and beside it what to know', async () => {
    const out = join(folder, 'by-command')
    const env = { DATABASE_URL: 'postgres://junction@db.data/junction' }
    const { code, output } = await run(['manifests', '--target', 'keda', '--out', out], env)
    expect(output).toContain(`files for keda in ${out}`)
    expect(output).toContain('warning: images are tagged latest')
    expect(code).toBe(0)
    const refused = await run(['manifests', '--target', 'keda', '--out', out], {
      DATABASE_URL: 'postgres://localhost/a',
    })
    expect(refused).toMatchObject({
      code: 1,
      output: expect.stringContaining('junction: DATABASE_URL names this machine'),
    })
    expect((await run(['manifests', '--out', out], env)).output).toContain("required option '--target <platform>'")
  })

  const folder = mkdtempSync(join(tmpdir(), 'junction-manifests-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  const knative = { target: 'knative', delivery: 'connector' } as const

  it.each([
    ['no database', knative, { DATABASE_URL: '' }, 'DATABASE_URL'],
    [
      'a database of this machine',
      knative,
      { DATABASE_URL: 'postgres://a@127.0.0.1/b' },
      'DATABASE_URL names this machine',
    ],
    [
      'a password in an address',
      knative,
      { DATABASE_URL: 'postgres://a:geheim@h/b' },
      'put it into the secret database-password',
    ],
    [
      'a password in the parameters of an address',
      knative,
      { DATABASE_URL: 'postgres://a@h/b?sslmode=require&password=geheim' },
      'put it into the secret database-password',
    ],
    [
      'the password of a key in an address',
      knative,
      { DATABASE_URL: 'postgres://a@h/b?sslpassword=geheim' },
      'put it into the secret database-password',
    ],
    [
      'a password in the address of the log',
      knative,
      { BUS_URL: 'postgres://a@h/b?password=geheim' },
      'BUS_URL holds a password',
    ],
    [
      'a function that takes events without a key and is exposed',
      { ...knative, expose: 'front,counter' },
      { EVENT_AUTH: 'network' },
      '--expose front: with EVENT_AUTH=network anybody could bring it events',
    ],
    [
      'a function that sources bring events and that is exposed',
      { ...knative, delivery: 'sources', expose: 'front,counter' },
      { BUS_URL: 'kafka://k.data:9092' },
      '--expose counter: --delivery sources brings it events without a key',
    ],
    [
      'a foreign function that sources bring events and that is exposed',
      { ...knative, delivery: 'sources', expose: 'legacy' },
      { BUS_URL: 'kafka://k.data:9092' },
      '--expose legacy: --delivery sources brings it events without a key',
    ],
    ['a broker of this machine', knative, { BUS_URL: 'kafka://localhost:9092' }, 'BUS_URL names this machine'],
    ['an open door', knative, { AUTH_MODE: 'dev' }, 'AUTH_MODE=dev lets everybody in'],
    ['a wrong setting', knative, { WINDOW: '5 minutes' }, 'WINDOW'],
    ['sources without Kafka', { ...knative, delivery: 'sources' }, {}, '--delivery sources needs BUS_URL=kafka://'],
    ['sources without Knative', { target: 'keda', delivery: 'sources' }, { BUS_URL: 'kafka://k:9092' }, "is Knative's"],
    ['an unknown function', { ...knative, expose: 'nobody' }, {}, '--expose names nobody'],
    ['exposure elsewhere', { target: 'keda', delivery: 'connector', expose: 'front' }, {}, "--expose is Knative's"],
    [
      'a namespace of CE',
      { target: 'openfaas-ce', delivery: 'connector', namespace: 'a' },
      {},
      'the namespace openfaas-fn alone',
    ],
    ['an image without registry', knative, { REGISTRY: 'acme' }, 'is no REGISTRY/NAME:TAG (image-reference)'],
    ['a namespace that is none', { ...knative, namespace: 'The_City' }, {}, '(dns-name)'],
  ] as const)('writes nothing with %s', (_, options, env, message) => {
    expect(() => made({ options, env })).toThrow(message)
    expect(() => made({ options, env })).not.toThrow('geheim')
  })

  it.each([
    ['a call longer than Knative gives it', 'environment: {exec_timeout: "700"}', 'Knative gives a call 600 s at most'],
    ['a time that is none', 'environment: {exec_timeout: soon}', 'one: exec_timeout of "soon": not a duration'],
    ['a variable of Knative', 'environment: {K_SERVICE: a}', 'Knative sets the variable K_SERVICE itself'],
    ['the port, which Knative sets', 'environment: {PORT: "80"}', 'Knative sets the variable PORT itself'],
    ['a label that Kubernetes takes not', 'labels: {team: "the roads"}', '(label-syntax)'],
    ['CPU to scale by and none requested', 'labels: {com.openfaas.scale.type: cpu}', 'requests: {cpu: 100m}'],
    ['a scale that is none', 'labels: {com.openfaas.scale.target: "0"}', 'give a number above 0'],
  ])('writes nothing for a function with %s', (_, line, message) => {
    expect(() => made({ options: knative, env: {} }, stackWith(line))).toThrow(message)
  })

  const stackWith = (line: string): string => {
    const stack = join(folder, 'stack.yml')
    const head = 'version: 1.0\nprovider: {name: openfaas}\nfunctions:\n  one:\n    image: registry.example/a/one:1\n'
    writeFileSync(stack, `${head}    handler: ./functions/ingest\n    ${line}\n`)
    return stack
  }

  it.each([
    ['keda', 'labels: {com.openfaas.scale.type: cpu}', 'KEDA refuses to scale by CPU what asks for none'],
    ['openfaas-ce', 'labels: {team: "the roads"}', '(stack-label)'],
    ['openfaas-pro', 'limits: {memory: 256 Megs}', '(stack-quantity)'],
    ['openfaas-ce', 'secrets: [Api_Token]', '(stack-secret-name)'],
    ['knative', 'secrets: [Api_Token]', '(secret-name)'],
  ] as const)('writes nothing for %s with %s', (target, line, message) => {
    expect(() => made({ options: { target, delivery: 'connector' }, env: {} }, stackWith(line))).toThrow(message)
  })

  it('takes a limit of CPU for the request that KEDA wants', () => {
    const stack = stackWith('labels: {com.openfaas.scale.type: cpu}\n    limits: {cpu: "1"}')
    const { texts } = made({ options: { target: 'keda', delivery: 'connector' }, env: {} }, stack)
    expect(texts.get('50-function-one.yaml')).toContain('metricType: Utilization')
  })

  it.each([
    ['300m', '167'],
    ['"0.25"', '200'],
    ['1', '50'],
  ])('says 500 thousandths of a core to Knative as percent of the %s that are requested', (cpu, percent) => {
    const lines = `labels: {com.openfaas.scale.type: cpu, com.openfaas.scale.target: "500"}\n    requests: {cpu: ${cpu}}`
    const { texts } = made({ options: knative, env: {} }, stackWith(lines))
    expect(texts.get('50-function-one.yaml')).toContain(`autoscaling.knative.dev/target: "${percent}"`)
    expect(texts.get('NOTES.md')).toContain('serving-hpa.yaml')
  })

  it.each([
    ['exec_timeout: 5m', '315s', 315],
    ['exec_timeout: 5m, write_timeout: 10m', '10m', 315],
    ['exec_timeout: 5m, write_timeout: 2m', '315s', 315],
    ['exec_timeout: 20s', '70s', 70],
    ['exec_timeout: 300, DRAIN_DELAY: 20s', '325s', 325],
  ])('gives a function of its own time to end its calls with %s', (environment, pro, keda) => {
    const stack = stackWith(`environment: {${environment}}\n    secrets: [database-password]`)
    const text = (target: 'keda' | 'openfaas-pro', file: string) =>
      made({ options: { target, delivery: 'connector' }, env: {} }, stack).texts.get(file)
    expect(text('openfaas-pro', 'stack.yml')).toContain(`write_timeout: ${pro}\n`)
    expect(text('keda', '50-function-one.yaml')).toContain(`terminationGracePeriodSeconds: ${keda}\n`)
  })

  it('gives a program of somebody else time to end its calls on OpenFaaS Pro where it says how long they are', () => {
    const text = (line: string) =>
      made({ options: { target: 'openfaas-pro', delivery: 'connector' }, env: {} }, stackWith(line)).texts.get(
        'stack.yml',
      )
    expect(text('environment: {exec_timeout: 5m}')).toContain('write_timeout: 300s\n')
    expect(text('environment: {MORE: a}')).not.toContain('write_timeout')
  })

  it('tells that the image of somebody else must name its user by number, where pods may not be root', () => {
    const about = (target: 'knative' | 'keda' | 'openfaas-ce') =>
      made({ options: { target, delivery: 'connector' }, env: {} })
        .generated.warnings.filter(({ text }) => text.includes('USER'))
        .map((one) => one.function)
    expect(about('knative')).toEqual(['legacy', 'sweep'])
    expect(about('keda')).toEqual(['legacy', 'sweep'])
    expect(about('openfaas-ce')).toEqual([])
  })

  it('tells that the sources of Knative show a broker no client certificate', () => {
    const about = (query: string) =>
      made({ options: { ...knative, delivery: 'sources' }, env: { BUS_URL: `kafka://k.data:9092${query}` } })
        .generated.warnings.map(({ text }) => text)
        .join()
    expect(about('?tls=true')).toContain('no client certificate')
    expect(about('')).not.toContain('no client certificate')
  })

  const env = { BUS_URL: 'kafka://k.data:9092' }
  it('lets functions do without a key only where a source of Knative brings their events', () => {
    const { texts, generated } = made({ options: { ...knative, delivery: 'sources', expose: 'front' }, env })
    const open = [...texts].filter(([, text]) => text.includes('EVENT_AUTH\n')).map(([path]) => path)
    expect(open).toEqual(['50-function-counter.yaml'])
    expect(texts.get('10-settings.yaml')).not.toContain('EVENT_AUTH')
    expect(generated.warnings.map(({ text }) => text).join()).toContain('every pod of the cluster')
  })

  it.each([
    ['knative', 'every pod of the cluster'],
    ['keda', 'every pod of a namespace that may call them'],
    ['openfaas-pro', 'who reaches the gateway'],
  ] as const)('tells who may bring events on %s where no key is asked for', (target, who) => {
    const texts = (EVENT_AUTH: string) =>
      made({ options: { target, delivery: 'connector' }, env: { EVENT_AUTH } }).generated.warnings.map(
        ({ text }) => text,
      )
    expect(texts('network').join()).toContain(who)
    expect(texts('key').join()).not.toContain('EVENT_AUTH')
  })

  it('writes a folder that it made before, and no other', async () => {
    const out = join(folder, 'out')
    const options = { ...knative, out, stack: 'test/manifests/stack.yml' }
    const environment = { ...process.env }
    Object.assign(process.env, {
      DATABASE_URL: 'postgres://junction@db.data/junction',
      REGISTRY: 'r.example/a',
      TAG: '1',
    })
    try {
      const { lines, warnings } = await manifests(options)
      expect(lines.join()).toContain(join(out, 'NOTES.md'))
      expect(warnings).toContain('warning: sweep: by CPU Knative cannot scale to zero: one replica stays')
      const before = readFileSync(join(out, '40-connector.yaml'), 'utf8')
      await manifests(options)
      expect(readFileSync(join(out, '40-connector.yaml'), 'utf8')).toBe(before)
      writeFileSync(join(out, 'mine.yaml'), '')
      await expect(manifests(options)).rejects.toThrow('mine.yaml, which this does not make')
      await expect(manifests({ ...options, target: 'keda', out: join(folder, 'other'), expose: 'x' })).rejects.toThrow()
      expect(existsSync(join(folder, 'other'))).toBe(false)
      expect(readdirSync(out)).toContain('50-function-front.yaml')
    } finally {
      for (const name of ['DATABASE_URL', 'REGISTRY', 'TAG']) {
        if (environment[name] === undefined) delete process.env[name]
        else process.env[name] = environment[name]
      }
    }
  })
})
