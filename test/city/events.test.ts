import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { TrafficState } from '#shared/contracts/traffic.ts'
import { openCity } from './city.ts'

let city: Awaited<ReturnType<typeof openCity>>
beforeAll(async () => {
  city = await openCity('2012-03-01T08:06:00Z')
})
afterAll(() => city.close())

const state = (segment: string, rev: number): TrafficState => ({
  segment,
  level: 'queuing',
  speedKmh: 30,
  freeFlowKmh: 100,
  ratio: 0.3,
  jamFactor: 7,
  confidence: 0.7,
  windowStart: '2012-03-01T08:00:00.000Z',
  windowEnd: '2012-03-01T08:05:00.000Z',
  observedAt: '2012-03-01T08:04:00.000Z',
  rev,
  final: false,
})

/** Reads messages until there are `count` of them, then leaves. */
async function listen(count: number, headers: Record<string, string> = {}, opened = () => {}) {
  const answer = await city.app.request('/api/events', { headers })
  const reader = (answer.body as ReadableStream<Uint8Array>).getReader()
  opened()
  let text = ''
  while (text.split('\nevent: state\n').length <= count) {
    const { done, value } = await reader.read()
    if (done) throw new Error(`the stream ended after ${text}`)
    text += Buffer.from(value).toString()
  }
  await reader.cancel()
  return [...text.matchAll(/id: (\d+)\nevent: state\ndata: (.*)\n\n/g)].map(([, id, data]) => ({
    id,
    data: JSON.parse(data ?? '') as TrafficState,
  }))
}

describe('GET /api/events', () => {
  it('sends what comes after the client has come, as it lies on the log', async () => {
    await city.append(state('before', 1))
    let heard: ReturnType<typeof listen> | undefined
    await new Promise<void>((opened) => {
      heard = listen(2, {}, opened)
    })
    await city.append(state('a', 1), state('b', 1))
    expect(await heard).toEqual([
      { id: '1', data: state('a', 1) },
      { id: '2', data: state('b', 1) },
    ])
  })

  it('goes on behind Last-Event-ID, also in a new process', async () => {
    const heard = await listen(2, { 'last-event-id': '0' })
    expect(heard.map(({ id, data }) => `${id} ${data.segment}`)).toEqual(['1 a', '2 b'])
  })
})
