import { describe, expect, it } from '@jest/globals'
import { ID, reading, send } from '#test/ingest/app.ts'

const event = { specversion: '1.0', id: 'x', source: '/edge', type: 'city.junction.readings.v1', data: reading }

describe('CloudEvents', () => {
  const structured = { 'content-type': 'application/cloudevents+json; charset=utf-8' }
  const batched = { 'content-type': 'application/cloudevents-batch+json' }
  const binary = { 'ce-specversion': '1.0', 'ce-id': 'x', 'ce-source': '/edge', 'ce-type': 't' }

  it('structured: data is a reading or several', async () => {
    expect(await send(event, structured)).toMatchObject({ status: 202, json: { id: ID } })
    expect(await send({ ...event, data: [reading] }, structured)).toMatchObject({ status: 207, json: [{ id: ID }] })
    const encoded = { ...event, data: undefined, data_base64: Buffer.from(JSON.stringify(reading)).toString('base64') }
    expect(await send(encoded, structured)).toMatchObject({ status: 202, json: { id: ID } })
  })

  it('structured: attributes are checked', async () => {
    const { id: _, ...noId } = event
    expect(await send(noId, structured)).toMatchObject({ status: 400, json: { errors: [{ path: '/id' }] } })
    const wrong = { ...event, specversion: '9.9' }
    expect(await send(wrong, structured)).toMatchObject({ status: 400, json: { errors: [{ path: '/specversion' }] } })
    for (const data_base64 of ['e30=', {}])
      expect(await send({ ...event, data_base64 }, structured)).toMatchObject({
        status: 400,
        json: { errors: [{ path: '/data_base64' }] },
      })
  })

  it('batch: one answer for each event', async () => {
    const answer = await send([event, { ...event, id: '' }, 7], batched)
    expect(answer).toMatchObject({ status: 207, json: [{ status: 202, id: ID }, { status: 400 }, { status: 400 }] })
    expect(await send(event, batched)).toMatchObject({ status: 400 })
  })

  it('binary: the body is the reading', async () => {
    expect(await send(reading, binary)).toMatchObject({ status: 202 })
    expect(await send(reading, { ...binary, 'ce-id': '' })).toMatchObject({
      status: 400,
      json: { errors: [{ path: '/id' }] },
    })
  })
})
