import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { Agent } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import type { TestDatabase } from '../postgres.ts'
import { until as untilTrue } from '../servers/until.ts'
import { functionNames } from '../sources.ts'
import { type Image, type ShapeRequest, startImage } from './image.ts'
import { exchange } from './wire.ts'
import { openWorld } from './world.ts'

const OPERATOR = { Authorization: 'Bearer operator-secret' }
const get = (path: string, headers: Record<string, string> = {}): ShapeRequest => ({ method: 'GET', path, headers })
const wait = (ms: number, headers: Record<string, string> = {}) => get(`/wait/${ms}`, { ...OPERATOR, ...headers })

let test: TestDatabase
let image: Image | undefined
let gates: string
const start = async (built: string, env: Record<string, string> = {}) => {
  image = await startImage(built, { test, env: { GATES: gates, ...env } })
  return image
}
/** A call that is under way until its gate is opened. */
const held = get('/gate/held', OPERATOR)
const open = (name: string) => writeFileSync(join(gates, name), '')
const until = (holds: () => Promise<boolean>) => untilTrue('what is waited for', holds, 60_000)
const inFlight = (image: Image, n: number) =>
  until(async () =>
    new RegExp(`junction_function_inflight\\{[^}]*\\} ${n}\\b`).test((await image.send(get('/metrics'))).body),
  )

const closed = (image: Image) =>
  until(() =>
    image.send(get('/_/health')).then(
      () => false,
      () => true,
    ),
  )

beforeAll(async () => {
  test = await openWorld()
  await test.database.query('create table effect (what text)')
})
beforeEach(() => {
  gates = mkdtempSync(join(tmpdir(), 'junction-gates-'))
})
afterAll(() => test.drop())
afterEach(() => {
  image?.remove()
  image = undefined
  rmSync(gates, { recursive: true })
})

interface Row {
  what: string
  request: ShapeRequest
  status: number
  headers?: Record<string, unknown>
}

const DURATION = { 'x-duration-seconds': expect.stringMatching(/^\d+\.\d{6}$/) }

const rows: Row[] = [
  { what: 'health', request: get('/_/health'), status: 200 },
  { what: 'health by HEAD', request: { method: 'HEAD', path: '/_/health' }, status: 200 },
  { what: 'health by POST', request: { path: '/_/health' }, status: 405, headers: { allow: 'GET, HEAD' } },
  { what: 'readiness', request: get('/_/ready'), status: 200 },
  { what: 'readiness by DELETE', request: { method: 'DELETE', path: '/_/ready' }, status: 405 },
  {
    what: 'metrics',
    request: get('/metrics'),
    status: 200,
    headers: { 'content-type': expect.stringMatching(/^text\/plain/) },
  },
  { what: 'a verb of WebDAV', request: { method: 'PROPFIND', path: '/' }, status: 405 },
  { what: 'a path that is not there', request: get('/nowhere/at/all', OPERATOR), status: 404, headers: DURATION },
  {
    what: 'an announced body of 2 MiB',
    request: { headers: { ...OPERATOR, 'Content-Type': 'application/json', 'Content-Length': String(2 << 20) } },
    status: 413,
    headers: { connection: 'close' },
  },
]

describe.each([...functionNames().map((name) => `functions/${name}`), 'test/functions/clockwork'])(
  '%s, as a watchdog',
  (built) => {
    it('answers what every container is asked, and ends in order', async () => {
      const image = await start(built)
      for (const { what, request, status, headers = {} } of rows) {
        // An HTTP face has a word of its own for what it does not serve.
        const expected = what.startsWith('an announced') && built.endsWith('city') ? expect.any(Number) : status
        const answer = await image.send(request)
        expect([what, answer.status]).toEqual([what, expected])
        if (expected === status) expect(answer.headers).toMatchObject(headers)
      }
      for (const garbage of [
        'GET\r\n\r\n',
        'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab',
      ])
        expect(await exchange(image.port, garbage)).toMatchObject({ status: 400, closed: true })
      expect((await image.send({ method: 'HEAD', path: '/_/ready' })).body).toBe('')
      image.child.kill('SIGTERM')
      expect(await image.exited).toBe(0)
    })
  },
)

describe('a function at its limits', () => {
  it('is not ready and answers 429 at max_inflight, which is no function’s fault, and is ready again after', async () => {
    const image = await start('test/functions/slow', { max_inflight: '1' })
    const first = image.send(held)
    await inFlight(image, 1)
    expect((await image.send(get('/_/health'))).status).toBe(200)
    expect((await image.send(get('/_/ready'))).status).toBe(429)
    const refused = await image.send(wait(0))
    expect(refused).toMatchObject({
      status: 429,
      headers: {
        'retry-after': '1',
        'x-openfaas-internal': 'faas-middleware',
        'content-type': 'application/problem+json',
      },
    })
    open('held')
    expect((await first).status).toBe(200)
    await inFlight(image, 0)
    expect((await image.send(get('/_/ready'))).status).toBe(200)
  })

  it('answers 504 at exec_timeout, as the platform, of which max_inflight=0 is no limit', async () => {
    const image = await start('test/functions/slow', { exec_timeout: '1', max_inflight: '0' })
    const late = await image.send(wait(60_000))
    expect(late).toMatchObject({ status: 504, headers: { 'x-openfaas-internal': 'faas-middleware', ...DURATION } })
    expect(Number(late.headers['x-duration-seconds'])).toBeGreaterThanOrEqual(0.99)
  })

  it('names the time a call took, and marks no answer of a handler', async () => {
    const image = await start('test/functions/slow')
    const { status, headers } = await image.send(wait(100))
    expect({ status, internal: headers['x-openfaas-internal'] }).toEqual({ status: 200, internal: undefined })
    expect(Number(headers['x-duration-seconds'])).toBeGreaterThanOrEqual(0.099)
    const failed = await image.send(get('/throw', OPERATOR))
    expect({ status: failed.status, internal: failed.headers['x-openfaas-internal'] }).toEqual({
      status: 500,
      internal: undefined,
    })
  })

  it('is given less time by X-Timeout, never more, and none by what nobody can read', async () => {
    const image = await start('test/functions/slow', { exec_timeout: '5s' })
    const rows: [string, number, number][] = [
      ['50ms', 60_000, 504],
      ['0m0.05s', 60_000, 504],
      ['1h', 60_000, 504],
      ['1h', 0, 200],
      ['soon', 100, 200],
      ['-50ms', 100, 200],
      ['0s', 100, 200],
      ['1', 100, 200],
    ]
    const answers = await Promise.all(rows.map(([asked, ms]) => image.send(wait(ms, { 'X-Timeout': asked }))))
    expect(answers.map(({ status }, i) => [...(rows[i] as [string, number, number]).slice(0, 2), status])).toEqual(rows)
    const [short, , full] = answers.map(({ headers }) => Number(headers['x-duration-seconds']))
    expect(full).toBeGreaterThanOrEqual(4.99)
    expect(short).toBeLessThan((full as number) - 1)
  })
})

describe('SIGTERM', () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  afterAll(() => agent.destroy())

  it('answers the call in flight and those that come late, over connections old and new, then exits 0', async () => {
    const image = await start('test/functions/slow', { DRAIN_DELAY: '10s' })
    expect((await image.send(wait(0), agent)).status).toBe(200)
    const under = image.send(held)
    await inFlight(image, 1)
    image.child.kill('SIGTERM')
    await until(async () => (await image.send(get('/_/health'))).status === 503)
    expect((await image.send(get('/_/ready'))).status).toBe(503)
    expect(await image.send(wait(0))).toMatchObject({ status: 200, headers: { connection: 'close' } })
    expect(await image.send(wait(0), agent)).toMatchObject({ status: 200, headers: { connection: 'close' } })
    open('held')
    expect((await under).status).toBe(200)
    expect(await image.exited).toBe(0)
  })

  it('takes nothing new without DRAIN_DELAY, and answers what it had', async () => {
    const image = await start('test/functions/slow')
    const under = image.send(held)
    await inFlight(image, 1)
    image.child.kill('SIGTERM')
    await closed(image)
    open('held')
    expect((await under).status).toBe(200)
    expect(await image.exited).toBe(0)
  })

  it('lets an event that is being worked on come to its end', async () => {
    const image = await start('test/functions/clockwork')
    const event = image.send({
      headers: {
        'ce-specversion': '1.0',
        'ce-id': '1',
        'ce-source': '/s',
        'ce-type': 'city.junction.readings.v1',
      },
      body: '{"device":"gate-1","observedAt":"2026-03-01T08:01:00.000Z","measures":{"speed":50},"receivedAt":"2026-03-01T08:01:00.000Z","quality":{"flags":[],"confidence":1}}',
    })
    await inFlight(image, 1)
    image.child.kill('SIGTERM')
    await closed(image)
    open('gate-1')
    expect(await event).toMatchObject({ status: 200, body: '' })
    expect(await image.exited).toBe(0)
    expect((await test.database.query('select what from effect')).rows).toEqual([{ what: 'gate-1' }])
  })
})
