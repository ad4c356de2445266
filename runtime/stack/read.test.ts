import { describe, expect, it } from '@jest/globals'
import { readStack } from './read.ts'

const read = (text: string, env: Record<string, string> = {}) =>
  readStack({
    file: 'stack.yml',
    text,
    env,
    isFolder: (path) => path !== './missing',
    readText: (path) => (path === 'env.yml' ? 'environment:\n  LEVEL: from file\n' : undefined),
  })

const stack = (lines: string) => `version: 1.0
provider:
  name: openfaas
functions:
  counter:
    image: counter:latest
    handler: ./functions/counter
${lines}`

describe('stack.yml', () => {
  it('becomes plain objects with the wiring read', () => {
    const text = stack(`    lang: node-ts
    environment: {COUNT: 5, FLAG: true, LEVEL: "inline \${LEVEL:-low}", PLAIN: "$\${X}"}
    environment_file: [env.yml]
    secrets: [database-password]
    labels: {com.openfaas.scale.max: 3}
    annotations:
      city.junction.topics: "readings, traffic.states"
      city.junction.schedule: "*/5 * * * *"
      city.junction.timezone: America/Los_Angeles
      city.junction.batch: "500"
      city.junction.linger: 5s
      city.junction.from: latest
    limits: {memory: 128Mi}
`)
    expect(read(text).functions).toEqual([
      {
        name: 'counter',
        image: 'counter:latest',
        namespace: 'openfaas-fn',
        program: { kind: 'built', folder: './functions/counter' },
        environment: { COUNT: '5', FLAG: 'true', LEVEL: 'from file', PLAIN: `\${X}` },
        secrets: ['database-password'],
        labels: { 'com.openfaas.scale.max': '3' },
        annotations: {
          'city.junction.topics': 'readings, traffic.states',
          'city.junction.schedule': '*/5 * * * *',
          'city.junction.timezone': 'America/Los_Angeles',
          'city.junction.batch': '500',
          'city.junction.linger': '5s',
          'city.junction.from': 'latest',
        },
        constraints: [],
        limits: { memory: '128Mi' },
        requests: undefined,
        readOnlyRootFilesystem: false,
        envProcess: undefined,
        scale: { min: 0, max: 3 },
        probes: {},
        wiring: {
          topics: ['readings', 'traffic.states'],
          foreignTopic: undefined,
          schedule: { cron: '*/5 * * * *', timezone: 'America/Los_Angeles' },
          batch: 500,
          lingerMs: 5000,
          from: 'latest',
        },
      },
    ])
  })

  it('may wire topics of others that are mapped', () => {
    const text = stack(`    environment:
      MAPPINGS: |
        { "traffic-data": { "device": "/d", "observedAt": "/t", "measures": { "count": "/n" } } }
    annotations: {city.junction.topics: "traffic-data"}
`)
    expect(read(text).functions[0]?.wiring.topics).toEqual(['traffic-data'])
  })

  it('scales to zero and up to two by default, one event a slice, from the earliest', () => {
    const [counter] = read(stack('')).functions
    expect(counter?.scale).toEqual({ min: 0, max: 2 })
    expect(counter?.wiring).toEqual({
      topics: [],
      foreignTopic: undefined,
      schedule: undefined,
      batch: 1,
      lingerMs: 0,
      from: 'earliest',
    })
  })

  it('takes variables of the environment over defaults', () => {
    const text = stack('').replace('counter:latest', `\${REGISTRY:-local}/counter:\${TAG}`)
    expect(read(text, { TAG: '7' }).functions[0]?.image).toBe('local/counter:7')
    expect(read(text, { REGISTRY: 'r.example', TAG: '7' }).functions[0]?.image).toBe('r.example/counter:7')
  })

  it("honours a foreign function's topic and cron schedule", () => {
    const foreign = read(stack('    annotations: {topic: readings}\n')).functions[0]?.wiring
    expect(foreign).toMatchObject({ topics: [], foreignTopic: 'readings' })
    const cron = read(stack('    annotations: {topic: cron-function, schedule: "@hourly"}\n')).functions[0]?.wiring
    expect(cron).toMatchObject({ foreignTopic: undefined, schedule: { cron: '@hourly', timezone: 'UTC' } })
  })
})

describe('a mistake in stack.yml names file and line and the fix', () => {
  const annotation = (text: string) => stack(`    annotations:\n      ${text}\n`)
  const label = (text: string) => stack(`    labels:\n      ${text}\n`)
  it.each([
    [
      'an unknown key',
      stack('    enviroment: {A: b}\n'),
      'stack.yml:8: unknown key "enviroment" in function counter; known: lang',
    ],
    [
      'an unknown top key',
      'version: 1.0\nfuncs: {}\n',
      'stack.yml:2: unknown key "funcs" in stack.yml; known: version',
    ],
    [
      'an unknown topic',
      annotation('city.junction.topics: "readings,speeds"'),
      'stack.yml:9: unknown topic "speeds"; known: readings',
    ],
    [
      'a topic nobody mapped',
      stack(
        `    environment: {MAPPINGS: '{"a":{"device":"/d","observedAt":"/t","measures":{"count":"/n"}}}'}\n    annotations: {city.junction.topics: "a,b"}\n`,
      ),
      'stack.yml:9: unknown topic "b"; known: readings, readings.late, traffic.states, traffic.forecasts; one of your own wants a mapping',
    ],
    [
      'a wrong mapping',
      stack(`    environment: {MAPPINGS: '{"a":{"device":"d","observedAt":"/t","measures":{"count":"/n"}}}'}\n`),
      'stack.yml:8: MAPPINGS of function counter: a.device must be a JSON Pointer, like /timestamp',
    ],
    [
      'an unknown annotation of ours',
      annotation('city.junction.topic: readings'),
      'stack.yml:9: unknown annotation "city.junction.topic"',
    ],
    [
      'both protocols',
      annotation('{topic: readings, city.junction.topics: readings}'),
      'stack.yml:9: "topic" and "city.junction.topics" exclude each other',
    ],
    [
      'a wrong schedule',
      annotation('city.junction.schedule: "99 * * * *"'),
      'stack.yml:9: the schedule "99 * * * *" cannot be read',
    ],
    [
      'a schedule with seconds',
      annotation('city.junction.schedule: "* * * * * *"'),
      'stack.yml:9: the schedule "* * * * * *" must have five fields',
    ],
    [
      'a wrong time zone',
      annotation('{city.junction.schedule: "@daily", city.junction.timezone: Mars/Base}'),
      'stack.yml:9: unknown time zone "Mars/Base"',
    ],
    [
      'a time zone alone',
      annotation('city.junction.timezone: UTC'),
      'stack.yml:9: "city.junction.timezone" without a schedule',
    ],
    [
      'a batch out of range',
      annotation('city.junction.batch: "1001"'),
      'stack.yml:9: a batch of "1001": give a number from 1 to 1000',
    ],
    ['a linger without unit', annotation('city.junction.linger: "5"'), 'stack.yml:9: a linger of "5"'],
    ['a wrong start', annotation('city.junction.from: now'), 'stack.yml:9: "now" must be earliest or latest'],
    ['two topics for CE', annotation('topic: "a,b"'), 'stack.yml:9: OpenFaaS CE takes one "topic"'],
    ['a cloud annotation', annotation('eks.amazonaws.com/role: x'), 'stack.yml:9: OpenFaaS CE refuses the annotation'],
    [
      'retries nobody could go by',
      annotation('com.openfaas.retry.codes: "5xx"'),
      'stack.yml:9: com.openfaas.retry.codes: "5xx" must be HTTP statuses from 400 to 599',
    ],
    [
      'a label of OpenFaaS Pro',
      label('com.openfaas.scale.zero: "true"'),
      'stack.yml:9: OpenFaaS CE refuses the label "com.openfaas.scale.zero"',
    ],
    [
      'too many replicas',
      label('com.openfaas.scale.max: "6"'),
      'stack.yml:9: "com.openfaas.scale.max" of "6": give a number from 1 to 5',
    ],
    [
      'a missing handler',
      stack('').replace('./functions/counter', './missing'),
      'stack.yml:7: the handler folder ./missing of function counter does not exist',
    ],
    [
      'no handler',
      stack('').replace('    handler: ./functions/counter\n', ''),
      'stack.yml:5: function counter needs "handler"',
    ],
    [
      'a name that is no DNS label',
      stack('').replace('counter:', 'Counter_1:'),
      'stack.yml:5: the name "Counter_1" must be a DNS label',
    ],
    [
      'the name of the relay',
      stack('').replace('counter:', 'relay:'),
      'stack.yml:5: the name "relay" is taken by what forwards the log to a broker: rename the function',
    ],
    [
      'a foreign namespace',
      stack('    namespace: other\n'),
      'stack.yml:8: OpenFaaS CE knows the namespace openfaas-fn only',
    ],
    ['a key twice', stack('    image: b\n'), 'stack.yml:8: Map keys must be unique'],
    [
      'a missing environment file',
      stack('    environment_file: [gone.yml]\n'),
      'stack.yml:8: the environment_file gone.yml does not exist',
    ],
    ['another version', 'version: 2.0\nfunctions: {}\n', 'stack.yml:1: version must be 1.0'],
    ['an empty file', '', 'stack.yml:1: the file is empty'],
  ])('%s', (_, text, message) => {
    expect(() => read(text)).toThrow(message)
  })
})
