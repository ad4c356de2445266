import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { z } from 'zod'
import { openCity, ROADS } from './city.ts'
import { FORECASTS, SCORES } from './forecast-rows.ts'

interface Operation {
  responses: Record<string, { content?: Record<string, { schema: { $ref: string } }> }>
}
interface Contract {
  paths: Record<string, { get: Operation }>
  components: { schemas: Record<string, z.core.JSONSchema.JSONSchema> }
}

let city: Awaited<ReturnType<typeof openCity>>
let contract: Contract
beforeAll(async () => {
  city = await openCity('2012-03-01T08:06:00Z')
  await city.database.query(ROADS + FORECASTS + SCORES)
  contract = (await (await city.app.request('/openapi.json')).json()) as Contract
})
afterAll(() => city.close())

/** What the contract promises for an answer, as a schema; it fails for a status or type that is not promised. */
const promised = (path: string, answer: Response): z.ZodType => {
  const type = answer.headers.get('content-type')?.split(';')[0] ?? ''
  const ref = contract.paths[path]?.get.responses[answer.status]?.content?.[type]?.schema.$ref
  const schema = contract.components.schemas[ref?.split('/').at(-1) ?? '']
  if (!schema) throw new Error(`${path} promises no ${answer.status} of ${type}`)
  return z.fromJSONSchema(schema)
}

const HISTORY = '/api/traffic-status/{segment}/history'

describe('openapi.json', () => {
  it.each([
    ['/api/traffic-status', '/api/traffic-status'],
    ['/api/traffic-status', '/api/traffic-status?limit=1'],
    ['/api/traffic-status', '/api/traffic-status?level=good'],
    ['/api/traffic-status/{segment}', '/api/traffic-status/harbor'],
    ['/api/traffic-status/{segment}', '/api/traffic-status/nowhere'],
    [HISTORY, '/api/traffic-status/harbor/history'],
    [HISTORY, '/api/traffic-status/harbor/history?from=never'],
    [HISTORY, '/api/traffic-status/nowhere/history'],
    ['/api/traffic-status/{segment}/forecast', '/api/traffic-status/harbor/forecast'],
    ['/api/traffic-status/{segment}/forecast', '/api/traffic-status/nowhere/forecast'],
    ['/api/traffic-forecasts', '/api/traffic-forecasts'],
    ['/api/traffic-forecasts', '/api/traffic-forecasts?level=slow'],
    ['/api/forecast-accuracy', '/api/forecast-accuracy'],
    ['/api/forecast-accuracy', '/api/forecast-accuracy?hours=0'],
    ['/api/operator/sensors', '/api/operator/sensors'],
    ['/api/operator/sensors', '/api/operator/sensors?state=broken'],
  ])('%s is answered as promised: %s', async (path, address) => {
    const answer = await city.app.request(address)
    expect(promised(path, answer).safeParse(await answer.json()).error).toBeUndefined()
  })

  it('is refused by an answer that breaks it', async () => {
    const answer = await city.app.request('/api/traffic-status')
    const body = (await answer.json()) as { features: { properties: { level: string } }[] }
    for (const { properties } of body.features) properties.level = 'good'
    expect(promised('/api/traffic-status', answer).safeParse(body).success).toBe(false)
  })
})
