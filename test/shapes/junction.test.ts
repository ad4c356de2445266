import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import type { TestDatabase } from '../postgres.ts'
import { FIRST, sliceRequest } from './forms.ts'
import { type Image, type ShapeRequest, startImage } from './image.ts'
import { deadLetters, empty, openWorld } from './world.ts'

const reading = (device: string) =>
  `{"device":"${device}","observedAt":"2026-03-01T08:01:00.000Z","measures":{"speed":50},"receivedAt":"2026-03-01T08:01:00.000Z","quality":{"flags":[],"confidence":1}}`
const READINGS = { topic: 'readings', type: 'city.junction.readings.v1', isForeign: false }
const slice = (...devices: string[]) => sliceRequest(READINGS, devices.map(reading))
const withHeaders = (request: ShapeRequest, headers: Record<string, string>): ShapeRequest => ({
  ...request,
  headers: { ...request.headers, ...headers },
})
const tick = (kind: 'alarm' | 'schedule', plannedAt: string): ShapeRequest => ({
  headers: {
    Authorization: 'Bearer connector-secret',
    'Junction-Deadline-Ms': '10000',
    'content-type': 'application/json',
    'ce-specversion': '1.0',
    'ce-id': `clockwork/${kind}@${plannedAt}`,
    'ce-source': '/junction/connector',
    'ce-type': `city.junction.${kind}.v1`,
    'ce-time': plannedAt,
  },
  body: `{"name":"${kind}","plannedAt":"${plannedAt}"}`,
})
const replayed: ShapeRequest = {
  headers: {
    Authorization: 'Bearer connector-secret',
    'content-type': 'application/json',
    'ce-specversion': '1.0',
    'ce-id': 'a',
    'ce-source': '/function/ingest',
    'ce-type': 'city.junction.readings.v1',
    'ce-junctiontopic': 'readings',
  },
  body: reading('a'),
}

interface Row {
  what: string
  request: ShapeRequest
  status?: number
  answer: Record<string, unknown> | ''
  effects?: string[]
  position?: number
  letters?: number
}

const failed = (reason: string) => expect.objectContaining({ reason, retryable: true })

const rows: Row[] = [
  { what: 'a slice', request: slice('a', 'b'), answer: { next: '102' }, effects: ['a', 'b'], position: 102 },
  {
    what: 'a slice whose second event fails for now',
    request: slice('a', 'later-1', 'b'),
    answer: { next: '101', failed: failed('transient') },
    effects: ['a'],
    position: 101,
  },
  {
    what: 'a slice with poison',
    request: slice('poison-1', 'b'),
    answer: { next: '102' },
    effects: ['b'],
    position: 102,
    letters: 1,
  },
  {
    what: 'a slice that does not begin where the function is',
    request: sliceRequest(READINGS, [reading('a')], FIRST - 1),
    answer: { next: '100', moved: true },
  },
  {
    what: 'a slice that is longer than its sizes say',
    request: withHeaders(slice('a'), { 'Junction-Sizes': '200:10' }),
    status: 500,
    answer: { code: 'unexpected' },
  },
  {
    what: 'a slice without its sizes',
    request: withHeaders(slice('a'), { 'Junction-Sizes': '' }),
    status: 422,
    answer: { code: 'invalid' },
  },
  {
    what: 'a partition nobody gave it',
    request: withHeaders(slice('a'), { 'Junction-Partition': '4' }),
    status: 500,
    answer: { code: 'configuration' },
  },
  {
    what: 'a topic it does not take',
    request: withHeaders(slice('a'), { 'Junction-Topic': 'traffic.states' }),
    status: 500,
    answer: { code: 'configuration' },
  },
  {
    what: 'a slice by somebody with another key',
    request: withHeaders(slice('a'), { Authorization: 'Bearer invoke-secret' }),
    status: 401,
    answer: { code: 'auth' },
  },
  {
    what: 'a slice that has less time than it takes',
    request: withHeaders(slice('wait-5000'), { 'Junction-Deadline-Ms': '100' }),
    status: 504,
    answer: { code: 'deadline' },
  },
  {
    what: 'a tick of the schedule',
    request: tick('schedule', '2026-03-01T08:10:00.000Z'),
    answer: {},
    effects: ['2026-03-01T08:10:00.000Z'],
  },
  {
    what: 'a tick that is done already',
    request: tick('schedule', '2026-03-01T08:00:00.000Z'),
    answer: { moved: true },
  },
  {
    what: 'an alarm, of which it handles none',
    request: tick('alarm', '2026-03-01T08:10:00.000Z'),
    status: 422,
    answer: { code: 'permanent' },
  },
  { what: 'a dead letter that is brought back', request: replayed, answer: '', effects: ['a'] },
]

describe("an event function as Junction's connector calls it", () => {
  let test: TestDatabase
  let image: Image
  beforeAll(async () => {
    test = await openWorld()
    await test.database.query('create table effect (what text)')
    image = await startImage('test/functions/clockwork', { test })
  })
  beforeEach(async () => {
    await test.database.query(
      `insert into position (consumer, log, topic, partition, next) values ('clockwork', 'postgres', 'readings', 3, $1)`,
      [FIRST],
    )
    await test.database.query(
      `insert into schedule (consumer, name, last) values ('clockwork', 'schedule', '2026-03-01T08:05:00Z')`,
    )
  })
  afterEach(() => empty(test))
  afterAll(async () => {
    image?.remove()
    await test.drop()
  })

  it.each(rows)('$what', async ({ request, status = 200, answer, effects = [], position = FIRST, letters = 0 }) => {
    const got = await image.send(request)
    expect(got.status).toBe(status)
    const body = got.body === '' ? '' : JSON.parse(got.body)
    if (status === 200) expect(body).toEqual(answer)
    else expect(body).toMatchObject(answer as object)

    const { rows } = await test.database.query<{ what: string }>('select what from effect order by 1')
    expect(rows.map(({ what }) => what)).toEqual(effects)
    const { rows: positions } = await test.database.query<{ next: string }>('select next from position')
    expect(positions.map(({ next }) => Number(next))).toEqual([position])
    expect(await deadLetters(test)).toHaveLength(letters)
  })
})
