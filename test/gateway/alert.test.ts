import { afterEach, describe, expect, it } from '@jest/globals'
import type { Scale } from '#runtime/stack/types.ts'
import { type Fixture, functionSource, startFixture, until } from './fixture.ts'

const hold = functionSource(`(request, response) => setTimeout(() => response.end('ok'), 200)`)

let fixture: Fixture
const start = async (scale: Scale) => {
  fixture = await startFixture({ functions: { f: hold }, definition: { scale } })
}
afterEach(async () => {
  await fixture.stop()
  expect(fixture.errors).toEqual([])
})

const post = (body: string) => fetch(`${fixture.gateway.url}/system/alert`, { method: 'POST', body })
const alert = (status: string, name: string) => ({
  status,
  labels: { alertname: 'APIHighInvocationRate', function_name: name, service: 'gateway', severity: 'major' },
  annotations: { summary: 'High invocation rate' },
  startsAt: '2012-03-01T08:00:00Z',
})
const send = (...alerts: object[]) =>
  post(JSON.stringify({ version: '4', receiver: 'scale-up', status: 'firing', groupLabels: {}, alerts }))
const ready = (n: number) => until(`${n} are ready`, () => fixture.pools.get('f')?.counts().ready === n)

describe('/system/alert', () => {
  it('adds a step for each alert that fires, up to the maximum, and goes back to the minimum', async () => {
    await start({ min: 1, max: 5, factor: 40 })
    await ready(1)
    expect((await send(alert('firing', 'f.openfaas-fn'))).status).toBe(200)
    await ready(3)
    await send(alert('firing', 'f'))
    await ready(5)
    await send(alert('firing', 'f'))
    expect((await send(alert('resolved', 'f.openfaas-fn'))).status).toBe(200)
    await ready(1)
    expect(fixture.starts()).toHaveLength(5)
  })

  it('wakes a function, and its replicas go when nobody calls', async () => {
    await start({ min: 0, max: 5, idleMs: 300 })
    await send(alert('resolved', 'f'))
    expect(fixture.pools.get('f')?.counts().starting).toBe(0)
    await send(alert('firing', 'f'))
    await until('it woke', () => fixture.starts().length === 1)
    await until(
      'it sleeps',
      () => fixture.pools.get('f')?.counts().coldStarts === 1 && fixture.pools.get('f')?.pids().length === 0,
    )
  })

  it('changes nothing with a factor of 0, nor where the load rules', async () => {
    await start({ min: 1, max: 5, factor: 0 })
    await ready(1)
    expect((await send(alert('firing', 'f'))).status).toBe(200)
    expect(fixture.pools.get('f')?.counts()).toMatchObject({ starting: 0, ready: 1 })
    await fixture.stop()
    await start({ min: 1, max: 5, load: { type: 'rps', target: 50, proportion: 0.9, downWindowMs: 0 } })
    await ready(1)
    expect((await send(alert('firing', 'f'))).status).toBe(200)
    expect(fixture.pools.get('f')?.counts()).toMatchObject({ starting: 0, ready: 1 })
  })

  it('follows what it can, and tells of all that it cannot', async () => {
    await start({ min: 1, max: 2 })
    await ready(1)
    const response = await send(alert('firing', 'ghost'), alert('firing', 'f'), { status: 'firing', labels: {} })
    expect(response.status).toBe(500)
    expect(await response.json()).toMatchObject({
      code: 'alert',
      detail:
        '2 of 3 alerts: "ghost" is not deployed; an alert has no label function_name: aggregate its rule by function_name',
    })
    await ready(2)
  })

  it.each([
    ['', 'the body is empty'],
    ['not json', 'the body is no JSON'],
    ['[]', 'expected object'],
    ['{"alerts":[{"status":"burning","labels":{}}]}', 'alerts.0.status: it must be firing or resolved'],
    ['{"alerts":[{"status":"firing"}]}', 'alerts.0.labels'],
  ])('refuses the body %j', async (body, problem) => {
    await start({ min: 0, max: 2 })
    const response = await post(body)
    expect(response.status).toBe(400)
    expect(((await response.json()) as { detail: string }).detail).toContain(problem)
  })
})
