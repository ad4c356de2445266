import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import type { TestDatabase } from '../postgres.ts'
import { FIRST, type Subject, singleForms, sliceRequest } from './forms.ts'
import { type Image, startImage } from './image.ts'
import { appended, deadLetters, effectsIn, empty, openWorld } from './world.ts'

const accepted = (device: string, observedAt: string, speed: number, receivedAt = observedAt) =>
  `{"device":"${device}","observedAt":"${observedAt}","measures":{"speed":${speed}},"receivedAt":"${receivedAt}","quality":{"flags":[],"confidence":1}}`
const LATE = accepted('loop-2', '2026-03-01T07:31:00.000Z', 60, '2026-03-01T08:10:00.000Z')
const READINGS = [
  accepted('loop-1', '2026-03-01T08:01:00.000Z', 64.5),
  accepted('loop-2', '2026-03-01T08:02:00.000Z', 12),
  accepted('loop-1', '2026-03-01T08:06:00.000Z', 55.5),
  LATE,
]

const message = (sensor: string, count: number) =>
  `{"sensor":"${sensor}","timestamp":"2026-03-01T08:01:00Z","vehicle_count":${count},"vendor":"x"}`
const mapped = (device: string, count: number) => [
  'readings',
  device,
  expect.objectContaining({
    ...{ device, observedAt: '2026-03-01T08:01:00.000Z', measures: { count } },
    receivedAt: '2026-03-01T08:12:00.000Z',
  }),
]
const state = (segment: string, windowStart: string, speedKmh: number) => [
  'traffic.states',
  segment,
  expect.objectContaining({ segment, windowStart, speedKmh, rev: 1 }),
]

interface Row {
  name: string
  subject: Subject
  env?: Record<string, string>
  bodies: string[]
  /** What is appended, in the order of topic and partition. */
  outputs: unknown[]
  poison: string
  reason: string
}

const rows: Row[] = [
  {
    name: 'detect-congestion',
    subject: { topic: 'readings', type: 'city.junction.readings.v1', isForeign: false },
    bodies: READINGS,
    outputs: [
      ['readings.late', 'loop-2', JSON.parse(LATE)],
      state('loop-1', '2026-03-01T08:00:00.000Z', 64.5),
      state('loop-2', '2026-03-01T08:00:00.000Z', 12),
      state('loop-1', '2026-03-01T08:05:00.000Z', 55.5),
    ],
    poison: '{"device":"loop-1"}',
    reason: 'validation',
  },
  {
    name: 'map-readings',
    subject: { topic: 'traffic-data', type: 'com.example.traffic', isForeign: true },
    env: {
      MAPPINGS: '{"traffic-data":{"device":"/sensor","observedAt":"/timestamp","measures":{"count":"/vehicle_count"}}}',
    },
    bodies: [message('s-1', 7), message('s-2', 9)],
    outputs: [mapped('s-1', 7), mapped('s-2', 9)],
    poison: '{"sensor":"s-1"}',
    reason: 'validation',
  },
]

describe.each(rows)('$name, as its image runs it', ({ name, subject, env = {}, bodies, outputs, poison, reason }) => {
  let test: TestDatabase
  let image: Image
  let files: string[]
  /** What the slice left: every other form is to leave the same. */
  let expected: Record<string, unknown[]>
  let once: unknown[]
  const distinct = (list: unknown[]) => [...new Set(list.map((one) => JSON.stringify(one)))].sort()
  const withPosition = (next: number) =>
    test.database.query(
      `insert into position (consumer, log, topic, partition, next) values ($1, 'postgres', $2, 3, $3)`,
      [name, subject.topic, next],
    )

  beforeAll(async () => {
    test = await openWorld()
    image = await startImage(`functions/${name}`, { test, env })
    files = image.files()
  })
  afterEach(() => empty(test))
  afterAll(async () => {
    image?.remove()
    await test.drop()
  })

  it("does what Junction's connector brings, once", async () => {
    await withPosition(FIRST)
    const done = await image.send(sliceRequest(subject, bodies))
    const next = String(FIRST + bodies.length)
    expect([done.status, JSON.parse(done.body)]).toEqual([200, { next }])
    const log = await appended(test)
    expect(log).toHaveLength(outputs.length)
    expect(log).toEqual(expect.arrayContaining(outputs))
    expected = await effectsIn(test)
    once = log

    const again = await image.send(sliceRequest(subject, bodies))
    expect([again.status, JSON.parse(again.body)]).toEqual([200, { next, moved: true }])
    expect(await effectsIn(test)).toEqual(expected)
    expect(await deadLetters(test)).toEqual([])
  })

  it('does the same in slices of one, and again at other offsets in another order', async () => {
    await withPosition(FIRST)
    const one = async (body: string, first: number) => (await image.send(sliceRequest(subject, [body], first))).body
    for (const [i, body] of bodies.entries()) expect(await one(body, FIRST + i)).toBe(`{"next":"${FIRST + i + 1}"}`)
    expect(await effectsIn(test)).toEqual(expected)

    const later = FIRST + bodies.length
    for (const [i, body] of [...bodies].reverse().entries())
      expect(await one(body, later + i)).toBe(`{"next":"${later + i + 1}"}`)
    const { log: _, ...tables } = await effectsIn(test)
    expect({ ...tables, log: expected.log }).toEqual(expected)
    expect(distinct(await appended(test))).toEqual(distinct(once))
  })

  it.each(singleForms(subject))('does the same for $by, and nothing more the second time', async (form) => {
    for (const _ of ['first', 'again']) {
      for (const request of form.requests(bodies)) {
        const { status, body } = await image.send(request)
        expect({ status, body }).toEqual(form.answer)
      }
      expect(await effectsIn(test)).toEqual(expected)
    }
    expect(await deadLetters(test)).toEqual([])
  })

  it.each(singleForms(subject))('ends with poison as $by is to see it', async (form) => {
    const [request = {}] = form.requests([poison])
    const { status, headers, body } = await image.send(request)
    const left = await deadLetters(test)
    if (form.ignoresStatus) {
      expect([status, body]).toEqual([200, ''])
      expect(left).toEqual([{ topic: subject.topic, place: form.place, reason, body: poison }])
    } else {
      expect([status, headers['content-type'], JSON.parse(body).code]).toEqual([
        422,
        'application/problem+json',
        'invalid',
      ])
      expect(left).toEqual([])
    }
    expect(await appended(test)).toEqual([])
  })

  it('buries the poison of a slice and goes on behind it', async () => {
    await withPosition(FIRST)
    const [first = '', ...rest] = bodies
    const { body } = await image.send(sliceRequest(subject, [first, poison, ...rest]))
    expect(JSON.parse(body)).toEqual({ next: String(FIRST + bodies.length + 1) })
    expect(await effectsIn(test)).toEqual(expected)
    expect(await deadLetters(test)).toEqual([{ topic: subject.topic, place: `3/${FIRST + 1}`, reason, body: poison }])
  })

  it('writes nothing into its own folder', () => expect(image.files()).toEqual(files))
})
