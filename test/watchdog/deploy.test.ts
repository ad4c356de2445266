import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { dataFolder, freePort, type Junction, junction, killProcessesOf, processesOf, until } from '../cli/junction.ts'
import { program, runs } from './start.ts'

let data: Awaited<ReturnType<typeof dataFolder>>
let runtime: Junction
let url: string

beforeAll(async () => {
  data = await dataFolder()
  const port = await freePort()
  url = `http://127.0.0.1:${port}`
  runtime = junction(['up', '--data', data.path, '--port', String(port)])
  await until(`a URL in: ${runtime.output()}`, async () => runtime.output().includes('/function/city/'))
})
afterAll(async () => {
  runtime.child.kill('SIGINT')
  await runtime.exited
  await killProcessesOf(data.path)
  await data.remove()
})

const system = (method: string, path: string, body?: unknown) =>
  fetch(`${url}/system/${path}`, { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) })

/** As faas-cli does: PUT, and where there is none POST. */
const deploy = async (deployment: { service: string; [key: string]: unknown }): Promise<Response> => {
  const body = { image: 'none:latest', labels: {}, annotations: {}, ...deployment }
  const put = await system('PUT', 'functions', body)
  return put.status === 404 ? system('POST', 'functions', body) : put
}

const call = (name: string, path = '', init: RequestInit = {}) =>
  fetch(`${url}/function/${name}${path}`, { method: 'POST', ...init })

/** Waits until a function can be asked, which is what `faas-cli ready` does. */
const ready = (name: string) =>
  until(`a replica of ${name}`, async () => {
    const { availableReplicas } = (await (await system('GET', `function/${name}`)).json()) as Status
    return (availableReplicas ?? 0) > 0
  })

interface Status {
  availableReplicas?: number
}

const logOf = async (name: string): Promise<string> => (await system('GET', `logs?name=${name}`)).text()

const remove = async (name: string): Promise<void> => {
  expect((await system('DELETE', 'functions', { functionName: name })).status).toBe(202)
  expect((await call(name)).status).toBe(404)
}

/** The processes that are told they are this function. */
const processesNamed = async (name: string): Promise<number[]> => {
  const pids = (await processesOf(data.path)).map((line) => Number.parseInt(line, 10))
  return pids.filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`OPENFAAS_NAME=${name}\0`)
    } catch {
      return false
    }
  })
}

describe('any program of this machine, deployed over the REST API', () => {
  it('answers with what it writes: cat', async () => {
    expect((await deploy({ service: 'echo', envProcess: 'cat' })).status).toBe(202)
    const body = 'grüße\n'.repeat(100_000)
    const answer = await call('echo', '', { body })
    expect([answer.status, (await answer.text()) === body]).toEqual([200, true])
    await until('its log', async () => /Wrote 800000 Bytes - Duration: \d+\.\d{6} seconds/.test(await logOf('echo')))
    expect(await logOf('echo')).toContain('Forking fprocess.')
    await remove('echo')
    await until('no process', async () => (await processesNamed('echo')).length === 0)
  })

  it('is told of the call and of itself, and of nothing else: env', async () => {
    await deploy({ service: 'show', envProcess: 'env', envVars: { GREETING: 'hi', exec_timeout: '20' } })
    const answer = await call('show', '/a/b?x=1', { headers: { 'X-Mine': 'yes', Proxy: 'http://evil' } })
    const names = new Map((await answer.text()).split('\n').map((line) => line.split('=', 2) as [string, string]))
    expect(Object.fromEntries(names)).toMatchObject({
      ...{ GREETING: 'hi', Http_Method: 'POST', Http_Path: '/a/b', Http_Query: 'x' },
      ...{ Http_X_Mine: 'yes', OPENFAAS_NAME: 'show', OPENFAAS_NAMESPACE: 'openfaas-fn' },
    })
    const own = [...names.keys()].filter((name) => !name.startsWith('Http_') && !name.startsWith('OPENFAAS_'))
    const known = ['PATH', 'HOME', 'TMPDIR', 'LANG', 'TZ', 'PWD', 'GREETING', 'fprocess', 'exec_timeout', '']
    expect(own.filter((name) => !known.includes(name))).toEqual([])
    expect(names.has('Http_Proxy')).toBe(false)
    await remove('show')
  })

  it('is a process for each call, streams, logs, reads its secret, wakes, is updated and removed: a script', async () => {
    const go = `${data.path}/go`
    const script = program(
      data.path,
      'script.py',
      `#!/usr/bin/env python3
import os, sys, time
print(os.getpid(), flush=True)
sys.stderr.write('a word for the log\\n')
if os.environ.get('Http_Path') == '/wait':
    while not os.path.exists('${go}'): time.sleep(0.01)
secret = open(os.environ['OPENFAAS_SECRETS_DIR'] + '/greeting').read()
print(secret, os.environ['VERSION'], sorted(os.listdir(os.environ['OPENFAAS_SECRETS_DIR'])))
`,
    )
    for (const name of ['greeting', 'of-others']) {
      const { status } = await system('POST', 'secrets', { name, value: `value of ${name}` })
      expect(status).toBe(201)
    }
    const deployment = { service: 'script', envProcess: `python3 ${script}`, secrets: ['greeting'] }
    expect((await deploy({ ...deployment, envVars: { VERSION: '1' } })).status).toBe(202)

    const [one, two] = [await (await call('script')).text(), await (await call('script')).text()]
    const lines = [one, two].map((text) => text.split('\n'))
    expect(lines.map(([, said]) => said)).toEqual(Array(2).fill("value of greeting 1 ['greeting']"))
    expect(lines[0]?.[0]).not.toBe(lines[1]?.[0])

    const reader = (await call('script', '/wait')).body?.getReader()
    const first = Buffer.from((await reader?.read())?.value ?? '').toString()
    const pid = Number(first)
    expect(runs(pid)).toBe(true)
    writeFileSync(go, '')
    expect(Buffer.from((await reader?.read())?.value ?? '').toString()).toContain('value of greeting')
    expect((await reader?.read())?.done).toBe(true)
    await until('its log', async () => (await logOf('script')).includes('stderr: a word for the log'))

    expect((await system('POST', 'scale-function/script', { serviceName: 'script', replicas: 0 })).status).toBe(202)
    await until('it sleeps', async () => (await processesNamed('script')).length === 0)
    expect((await call('script')).status).toBe(200)

    expect((await deploy({ ...deployment, envVars: { VERSION: '2' } })).status).toBe(202)
    await until('the new version', async () => (await (await call('script')).text()).includes('greeting 2'))
    await remove('script')
    await until('no process', async () => (await processesNamed('script')).length === 0)
  })

  it('gets the events of a topic, one a call', async () => {
    const seen = `${data.path}/seen`
    const envProcess = program(data.path, 'listen', `#!/bin/sh\ncat >> ${seen}\necho " $Http_Ce_Type" >> ${seen}\n`)
    const { status } = await deploy({ service: 'listen', envProcess, annotations: { topic: 'readings' } })
    expect(status).toBe(202)
    const observedAt = new Date().toISOString()
    const reading = { device: 'loop-1', observedAt, location: { type: 'Point', coordinates: [16.4, 48.2] } }
    const sent = await call('ingest', '', {
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ ...reading, measures: { speed: 23.5 } }),
    })
    expect(sent.status).toBe(202)
    await until('it came', async () => existsSync(seen) && readFileSync(seen, 'utf8').includes('\n'))
    expect(readFileSync(seen, 'utf8')).toMatch(/^\{"device":"loop-1",.*"speed":23.5.*\} \S*reading\S*\n$/)
    await remove('listen')
  })

  it('takes all calls itself with mode=http', async () => {
    writeFileSync(`${data.path}/page.txt`, 'a page')
    const envProcess = `python3 -m http.server --bind 127.0.0.1 --directory ${data.path} $PORT`
    expect((await deploy({ service: 'files', envProcess, envVars: { mode: 'http' } })).status).toBe(202)
    await ready('files')
    const answer = await call('files', '/page.txt', { method: 'GET' })
    expect([answer.status, await answer.text()]).toEqual([200, 'a page'])
    const [watchdog, server] = await processesNamed('files')
    expect([watchdog, server].every((pid) => pid !== undefined && runs(pid))).toBe(true)
    // A newer one takes over beside it: each has a port of its own.
    await deploy({ service: 'files', envProcess, envVars: { mode: 'http', VERSION: '2' } })
    await until('the old one is gone', async () => ![watchdog, server].some((pid) => runs(pid as number)))
    expect((await call('files', '/page.txt', { method: 'GET' })).status).toBe(200)
    await remove('files')
    await until('no process', async () => (await processesNamed('files')).length === 0)
  })

  it.each([
    [{ envProcess: 'no-such-program --now' }, /no-such-program is no program on this machine/],
    [{}, /names no process: set envProcess/],
    [{ envProcess: 'cat', envVars: { mode: 'afterburn' } }, /mode is "afterburn"/],
    [{ envProcess: 'cat', envVars: { exec_timeout: 'soon' } }, /exec_timeout/],
  ])('is refused where it cannot run: %j', async (deployment, why) => {
    const refused = await deploy({ service: 'broken', ...deployment })
    expect([refused.status, await refused.json()]).toEqual([
      400,
      expect.objectContaining({ detail: expect.stringMatching(why) }),
    ])
    expect((await call('broken')).status).toBe(404)
  })

  it('leaves no process behind when the runtime is killed amid a call', async () => {
    const script = program(data.path, 'endless', `#!/bin/sh\nsleep 1000 & echo $$ $! > ${data.path}/pids; wait\n`)
    await deploy({ service: 'endless', envProcess: script })
    const cut = call('endless').catch(() => 'cut off')
    const pids = () => readFileSync(`${data.path}/pids`, 'utf8').split(/\s+/).filter(Boolean).map(Number)
    await until('it runs', async () => existsSync(`${data.path}/pids`) && pids().length === 2)
    expect(pids().every(runs)).toBe(true)
    runtime.child.kill('SIGKILL')
    await cut
    await until('all are gone', async () => !pids().some(runs))
    await until('no process', async () => (await processesOf(data.path)).length === 0)
  })
})
