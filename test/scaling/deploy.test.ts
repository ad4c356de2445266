import { afterEach, describe, expect, it } from '@jest/globals'
import { type Fixture, functionSource, startFixture, until } from '../gateway/fixture.ts'

const answer = functionSource(`(request, response) => {
  response.statusCode = request.url === '/not-yet' ? 503 : 200
  response.end(String(process.pid))
}`)

let fixture: Fixture
let depth: number | undefined
const start = async () => {
  depth = undefined
  fixture = await startFixture({ functions: { f: answer }, queueDepth: (key) => (key === 'f' ? depth : undefined) })
}
afterEach(async () => {
  await fixture.stop()
  expect(fixture.errors).toEqual([])
})

const deploy = async (metadata: { labels?: Record<string, string>; annotations?: Record<string, string> }) => {
  const response = await fetch(`${fixture.gateway.url}/system/functions`, {
    method: 'PUT',
    body: JSON.stringify({ service: 'f', image: 'f:latest', ...metadata }),
  })
  return { status: response.status, text: await response.text() }
}
const scale = (labels: Record<string, string>) =>
  Object.fromEntries(Object.entries(labels).map(([name, value]) => [`com.openfaas.scale.${name}`, value]))
const counts = () => fixture.pools.get('f')?.counts()
const describeIt = async () => (await fetch(`${fixture.gateway.url}/system/function/f`)).json()

describe('a deployment with labels of scaling', () => {
  it('has its minimum without any call, and gives its labels back as they came', async () => {
    await start()
    const labels = scale({ min: '2', max: '4', type: 'rps', target: '100' })
    expect((await deploy({ labels })).status).toBe(202)
    await until('two serve', () => counts()?.ready === 2)
    expect(await describeIt()).toMatchObject({ labels: { ...labels, faas_function: 'f' }, availableReplicas: 2 })
  })

  it('sleeps after its own time with zero, and wakes to its minimum', async () => {
    await start()
    await deploy({ labels: scale({ zero: 'true', min: '2', max: '4', 'zero-duration': '1s' }) })
    await until('two serve', () => counts()?.ready === 2)
    await until('it sleeps', () => counts()?.ready === 0 && fixture.pools.get('f')?.pids().length === 0)
    expect((await fetch(`${fixture.gateway.url}/function/f`)).status).toBe(200)
    await until('two serve again', () => counts()?.ready === 2)
  })

  it('has as many replicas as its queue is deep, up to its maximum', async () => {
    await start()
    await deploy({ labels: scale({ type: 'queue', target: '10', 'target-proportion': '1', max: '5' }) })
    await fixture.deployments.settled()
    depth = 35
    await fetch(`${fixture.gateway.url}/function/f`)
    await until('four serve', () => counts()?.ready === 4)
    depth = 1000
    await until('five serve', () => counts()?.ready === 5)
  })

  it.each([
    [scale({ type: 'memory' }), '"com.openfaas.scale.type" of "memory": give one of rps, capacity, cpu, queue'],
    [scale({ min: '5', max: '2' }), '"com.openfaas.scale.min" of "5": it is more than "com.openfaas.scale.max", 2'],
    [scale({ max: '1000' }), '"com.openfaas.scale.max" of "1000": give a whole number from 1 to 100'],
  ])('is refused with 400 where they cannot be followed: %j', async (labels, problem) => {
    await start()
    const { status, text } = await deploy({ labels })
    expect(status).toBe(400)
    expect(text).toContain(JSON.stringify(problem).slice(1, -1))
  })
})

describe('a deployment with annotations of probes', () => {
  it('is probed by them', async () => {
    await start()
    await deploy({
      annotations: {
        'com.openfaas.ready.http.path': '/not-yet',
        'com.openfaas.ready.http.timeoutSeconds': '60',
        'com.openfaas.ready.http.failureThreshold': '1',
      },
    })
    await fixture.deployments.settled()
    expect(fixture.deployments.state('f')?.fault).toBe(
      'it was never ready: its readiness probe /not-yet answered 503, 1 times in a row',
    )
  })

  it('is refused with 400 where they cannot be read', async () => {
    await start()
    const { status, text } = await deploy({ annotations: { 'com.openfaas.health.http.periodSeconds': '10s' } })
    expect(status).toBe(400)
    expect(text).toContain('periodSeconds')
  })
})
