import { describe, expect, it } from '@jest/globals'
import { definitionOf } from './definition.ts'
import { FunctionDeployment, readJson } from './requests.ts'

const runnable = { folders: ['functions/city', 'test/functions/counting'], path: '/usr/bin:/bin' }
const read = (asked: object) => definitionOf(readJson(FunctionDeployment, Buffer.from(JSON.stringify(asked))), runnable)
const says = { service: 'says', image: 'a/says:1', envProcess: 'cat' }

/** What a refusal says. */
const faultOf = (work: () => unknown): string => {
  try {
    work()
  } catch (error) {
    return (error as Error).message
  }
  throw new Error('nothing was refused')
}

describe('a deployment', () => {
  it('may leave out, or send null for, whatever may be unset', () => {
    const unset = Object.fromEntries(
      ['namespace', 'envVars', 'constraints', 'secrets', 'labels', 'annotations', 'limits', 'requests'].map((key) => [
        key,
        null,
      ]),
    )
    const empty = { namespace: '', envVars: {}, labels: {}, annotations: {}, limits: {}, requests: { memory: '' } }
    for (const asked of [says, { ...says, ...unset, readOnlyRootFilesystem: null }, { ...says, ...empty }]) {
      expect(read(asked)).toMatchObject({
        ...{ name: 'says', namespace: 'openfaas-fn', image: 'a/says:1', envProcess: 'cat' },
        program: { kind: 'process', command: 'cat' },
        ...{ environment: {}, secrets: [], labels: {}, annotations: {}, constraints: [] },
        ...{ limits: undefined, requests: undefined, readOnlyRootFilesystem: false },
      })
    }
  })

  it('is taken without what this gateway does not know', () => {
    const odd = { ...says, registryAuth: 'eA==', network: 'func_functions', anything: [1], labels: { a: 'b' } }
    expect(read(odd)).toMatchObject({ name: 'says', labels: { a: 'b' } })
    expect(read(odd)).not.toHaveProperty('registryAuth')
  })

  it('is what its image names, else its process, which may stand in fprocess', () => {
    const built = { service: 'city', image: 'registry.example:5000/acme/city:1@sha256:ab', envProcess: 'cat' }
    expect(read(built).program).toEqual({ kind: 'built', folder: 'functions/city' })
    const both = { ...says, envVars: { fprocess: 'sort' } }
    expect(read(both)).toMatchObject({ program: { kind: 'process', command: 'sort' }, envProcess: 'cat' })
    const process = { service: 'says', image: 'a/says', envVars: { fprocess: 'cat -u' } }
    expect(read(process)).toMatchObject({
      program: { kind: 'process', command: 'cat -u' },
      envProcess: undefined,
      environment: { fprocess: 'cat -u' },
    })
  })

  it('is wired by its annotations; a schedule counts beside its own topic alone', () => {
    const annotations = { topic: 'readings', schedule: '*/5 * * * *' }
    expect(read({ ...says, annotations })).toMatchObject({
      annotations,
      wiring: { foreignTopic: 'readings', schedule: undefined },
    })
    expect(read({ ...says, annotations: { ...annotations, topic: 'cron-function' } }).wiring).toMatchObject({
      ...{ foreignTopic: undefined, schedule: { cron: '*/5 * * * *', timezone: 'UTC' } },
    })
  })

  it('that is built here may be wired as stack.yml wires it', () => {
    const annotations = { 'city.junction.topics': 'readings' }
    expect(read({ service: 'city', image: 'city', annotations }).wiring.topics).toEqual(['readings'])
  })

  it('takes durations as OpenFaaS writes them', () => {
    for (const exec_timeout of ['10', '10s', '1m30s']) {
      expect(read({ ...says, envVars: { exec_timeout } }).environment).toEqual({ exec_timeout })
      expect(read({ service: 'city', image: 'city', envVars: { exec_timeout } }).environment).toEqual({ exec_timeout })
    }
  })

  it.each([
    [{ image: 'a' }, /^service: /],
    [{ ...says, service: 'a.b' }, /^service: it must be a DNS label/],
    [{ ...says, service: 'a'.repeat(64) }, /^service: /],
    [{ service: 'says' }, /^image: /],
    [{ ...says, image: '' }, /^image: it is empty/],
    [{ ...says, namespace: '../x' }, /^namespace: /],
    [{ ...says, envVars: { A: 1 } }, /^envVars\.A: /],
    [{ ...says, envVars: { 'A=B': 'c' } }, /^envVars\.A=B: the name of a variable/],
    [{ ...says, envVars: { A: 'a\0b' } }, /^envVars\.A: a variable holds no NUL/],
    [{ ...says, secrets: 'one' }, /^secrets: /],
    [{ ...says, labels: { 'com.openfaas.scale.max': 'many' } }, /^labels: .*com\.openfaas\.scale\.max/],
    [{ ...says, annotations: { topic: 'a,b' } }, /^annotations: /],
    [{ ...says, annotations: { 'com.openfaas.ready.http.path': 'x' } }, /^annotations: .*path/],
    [{ ...says, envVars: { mode: 'afterburn' } }, /^envVars: mode /],
    [{ service: 'city', image: 'city', envVars: { exec_timeout: 'soon' } }, /^envVars: .*soon/],
    [{ ...says, service: 'relay' }, /^service: the name relay is taken/],
    [{ ...says, annotations: { 'city.junction.topics': 'readings' } }, /^annotations: city\.junction\.topics is for/],
    [{ ...says, annotations: { 'city.junction.schedule': '@daily' } }, /^annotations: city\.junction\.schedule is for/],
    [
      { ...says, annotations: { 'com.openfaas.retry.attempts': 'often' } },
      /^annotations: com\.openfaas\.retry\.attempts/,
    ],
    [{ ...says, limits: { memory: 'much' } }, /^limits\.memory: it must be an amount/],
    [{ ...says, envVars: { function_process: 'no-such-program' } }, /no-such-program/],
    [[], /^the body: /],
    ['text', /^the body: /],
  ])('of %j is refused, and the field named', (asked, message) => {
    expect(faultOf(() => read(asked as object))).toMatch(message)
  })

  it('that cannot be run says what could be', () => {
    const fault = faultOf(() => read({ ...says, envProcess: 'no-such-program' }))
    for (const part of ['a/says:1', 'no-such-program', 'city', 'counting']) expect(fault).toContain(part)
  })
})
