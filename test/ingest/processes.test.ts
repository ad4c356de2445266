import { request } from 'node:http'
import { afterAll, beforeAll, expect, it } from '@jest/globals'
import type { SensorHealthPage } from '#shared/contracts/sensor-health.ts'
import { type KeyedFunctions, openKeyedFunctions } from '../auth/functions.ts'
import { until } from '../cli/junction.ts'

let functions: KeyedFunctions
beforeAll(async () => {
  functions = await openKeyedFunctions(['ingest', 'city'])
  await functions.database.query(
    `insert into segment (segment) values ('harbor'); insert into segment_device values ('loop-1', 'harbor')`,
  )
})
afterAll(() => functions.close())

const post = (body: string) =>
  new Promise<number | undefined>((resolve, reject) => {
    const { socketPath } = functions.processOf('ingest')
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${functions.deviceKey}` }
    request({ socketPath, path: '/', method: 'POST', headers, agent: false }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode))
    })
      .on('error', reject)
      .end(body)
  })

const sensors = async (): Promise<SensorHealthPage['sensors']> => {
  const authorization = functions.authorizationOf('operator') as string
  const { status, body } = await functions.processOf('city').get('/api/operator/sensors', { authorization })
  expect(status).toBe(200)
  return (JSON.parse(body) as SensorHealthPage).sensors
}

const malformed = '{"device":"loop-1","observedAt":"half past seven","measures":{"speed":50}}'

it('a malformed reading of a known device is told to operators, and the end of ingest loses none', async () => {
  expect(await sensors()).toMatchObject([{ device: 'loop-1', states: ['silent'], refused24h: 0, lastRefusal: null }])
  expect(await post(malformed)).toBe(400)
  const told = await until('the refusal is told', async () => {
    const all = await sensors()
    return all[0]?.refused24h === 1 && all
  })
  expect(told).toMatchObject([
    {
      ...{ device: 'loop-1', segment: 'harbor', states: ['silent', 'malformed'] },
      lastRefusal: { code: 'invalid', error: expect.stringContaining('/observedAt is not a date') },
    },
  ])

  const metrics = (await functions.processOf('ingest').get('/metrics')).body
  expect(metrics).toMatch(/^junction_readings_refused_total\{code="invalid",function="ingest",[^}]*\} 1$/m)
  expect(metrics).toMatch(/^junction_readings_late_total\{[^}]*\} 0$/m)

  expect([await post(malformed), await post(malformed)]).toEqual([400, 400])
  functions.processOf('ingest').child.kill('SIGTERM')
  expect(await functions.processOf('ingest').exited).toBe(0)
  expect(await sensors()).toMatchObject([{ device: 'loop-1', refused24h: 3 }])
})

it('nobody but operators is told', async () => {
  const { status, headers, body } = await functions.processOf('city').get('/api/operator/sensors')
  expect([status, headers['content-type']]).toEqual([401, 'application/problem+json'])
  expect(body).not.toContain('loop-1')
})
