import { brotliCompressSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { groupCommit } from '#shared/bus/group-commit.ts'
import { workSlice } from '#shared/function/slice-work.ts'
import { effectFunction, reading as loggedReading, sliceOf, toolsFor } from '../function/harness.ts'
import { HOSTILE, HOSTILE_IDS } from './hostile.ts'
import { openWorld, type World } from './hostile-world.ts'
import { exchange, requestBytes, type WireAnswer } from './wire.ts'

const MIB = 1 << 20
const READING = '{"device":"d","observedAt":"2026-03-01T08:00:00Z","measures":{"speed":50}}'
const LOGGED =
  '{"device":"d","observedAt":"2026-03-01T08:00:00.000Z","measures":{"speed":50},"receivedAt":"2026-03-01T08:00:00.000Z","quality":{"flags":[],"confidence":1}}'
const ZIP = Buffer.from('504b0304140000000800000021000000000000000000', 'hex')
const keys = (count: number): string => Array.from({ length: count }, (_, i) => `"k${i}":0`).join(',')

/** What makes a good document of a reading a bad one: put in as its first member. */
const members: Record<string, string> = {
  H05: `"x":${'['.repeat(64)}${']'.repeat(64)}`,
  H06: keys(1_001),
  H07: '"__proto__":{"admin":true}',
  H08: '"constructor":{"prototype":{"admin":true}}',
  H09: '"device":"e"',
  H10: '"seq":9007199254740993',
  H11: '"seq":1e400',
  H12: '"note":"a\\u0000b"',
  H13: '"note":"\\ud800"',
}
const withMember = (document: string, member: string): string => `{${member},${document.slice(1)}`

const ran = new Set<string>()
/** A test whose name the table refers to. */
const proves = (name: string, run: () => Promise<void>, timeoutMs?: number): void =>
  it(
    name,
    async () => {
      await run()
      ran.add(name)
    },
    timeoutMs,
  )

describe('hostile input', () => {
  let world: World
  beforeAll(async () => {
    world = await openWorld()
  })
  afterAll(() => world.close())

  const post = (body: string | Buffer, headers: Record<string, string> = {}): Promise<WireAnswer> =>
    exchange(world.ports.function, requestBytes({ body, headers: { 'content-type': 'application/json', ...headers } }))

  const refused = async (expected: number, send: () => Promise<WireAnswer>): Promise<void> => {
    const before = world.emitted.length
    const answer = await send()
    expect(answer.status).toBe(expected)
    expect(answer.headers.get('content-type')).toBe('application/problem+json')
    const problem = JSON.parse(answer.body)
    expect(problem).toMatchObject({ status: expected, code: expect.any(String) })
    if (expected === 400) expect(problem.errors.length).toBeGreaterThan(0)
    expect(world.emitted).toHaveLength(before)
  }

  it('is told from good input, before', async () => {
    expect((await post(READING)).status).toBe(202)
  })

  const bad = (name: string, status: number, body: string | Buffer, headers?: Record<string, string>): void =>
    proves(name, () => refused(status, () => post(body, headers)))

  bad('H01 an empty body: 400', 400, '')
  bad('H02 truncated JSON: 400', 400, READING.slice(0, -2))
  bad('H02 trailing garbage: 400', 400, `${READING}x`)
  bad('H05 depth 65: 400', 400, withMember(READING, members.H05 as string))
  bad('H05 half a million arrays: 400', 400, '['.repeat(500_000) + ']'.repeat(500_000))
  bad('H06 as many keys as fit: 400', 400, `{${keys(80_000)}}`)
  bad('H07 __proto__: 400', 400, withMember(READING, members.H07 as string))
  bad('H08 constructor.prototype: 400', 400, withMember(READING, members.H08 as string))
  bad('H09 a repeated key: 400', 400, withMember(READING, members.H09 as string))
  bad('H10 an unsafe integer: 400', 400, withMember(READING, members.H10 as string))
  bad('H11 1e400: 400', 400, withMember(READING, members.H11 as string))
  bad('H11 NaN: 400', 400, READING.replace('50', 'NaN'))
  bad('H11 Infinity: 400', 400, READING.replace('50', '-Infinity'))
  bad('H12 U+0000: 400', 400, READING.replace('"d"', '"d\\u0000"'))
  bad('H13 a lone surrogate: 400', 400, READING.replace('"d"', '"d\\ud800"'))
  bad('H14 invalid UTF-8: 400', 400, Buffer.from(READING.replace('"d"', '"\xff"'), 'latin1'))
  bad('H15 a byte order mark: 400', 400, `\ufeff${READING}`)
  bad('H15 UTF-16: 400', 400, Buffer.from(READING, 'utf16le'))
  bad('H15 charset=utf-16: 415', 415, READING, { 'content-type': 'application/json; charset=utf-16' })
  bad('H16 a gzip bomb: 413', 413, gzipSync(Buffer.alloc(64 * MIB)), { 'content-encoding': 'gzip' })
  bad('H17 a brotli bomb: 415', 415, brotliCompressSync(Buffer.alloc(MIB)), { 'content-encoding': 'br' })
  bad('H18 gzip three times: 415', 415, READING, { 'content-encoding': 'gzip, gzip, gzip' })
  bad('H19 a zip: 415', 415, ZIP, { 'content-type': 'application/zip' })
  bad('H19 a zip that claims to be JSON: 400', 400, ZIP)
  bad('H20 application/json<TAB>a: 415', 415, READING, { 'content-type': 'application/json\ta' })
  bad('H21 application/json garbage: 415', 415, READING, { 'content-type': 'application/json garbage' })
  bad('H22 JSON that poses as an upload: 400', 400, '{"files":[{"filepath":"/etc/passwd"}]}')
  bad('H23 text/plain: 415', 415, READING, { 'content-type': 'text/plain' })
  proves('H23 no Content-Type: 415', () =>
    refused(415, () => exchange(world.ports.function, requestBytes({ body: READING }))),
  )

  proves('H03 1 MiB + 1 byte announced: 413 before reading', async () => {
    const headers = { 'content-type': 'application/json' }
    await refused(413, () => exchange(world.ports.function, requestBytes({ headers, contentLength: MIB + 1 })))
  })

  proves('H04 1 MiB + 1 byte in chunks: 413 and close', async () => {
    const head = 'POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n'
    const chunk = `10000\r\n${' '.repeat(65_536)}\r\n`
    const answer = await exchange(world.ports.function, `${head}${chunk.repeat(16)}1\r\n \r\n`)
    expect(answer).toMatchObject({ status: 413, closed: true })
  })

  const smuggled: Record<string, string> = {
    'a length and chunks': 'Host: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    'two lengths': 'Host: x\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nabcde',
    'a folded header': 'Host: x\r\nX-A: b\r\n c\r\nContent-Length: 0\r\n\r\n',
    'a bare line feed': 'Host: x\nContent-Length: 0\r\n\r\n',
  }
  for (const at of ['function', 'gateway'] as const) {
    const path = at === 'gateway' ? '/function/ingest' : '/'
    for (const [what, rest] of Object.entries(smuggled))
      proves(`H24 ${what} at the ${at}: 400 and close`, async () => {
        expect(await exchange(world.ports[at], `POST ${path} HTTP/1.1\r\n${rest}`)).toMatchObject({
          status: 400,
          closed: true,
        })
      })
    proves(`H25 17 KB of headers at the ${at}: 431`, async () => {
      const bytes = requestBytes({ path, headers: { 'x-long': 'a'.repeat(17 << 10) } })
      expect((await exchange(world.ports[at], bytes)).status).toBe(431)
    })
    proves(`H25 2,000 headers at the ${at}: 431`, async () => {
      const headers = Object.fromEntries(Array.from({ length: 2_000 }, (_, i) => [`a${i}`, '']))
      expect((await exchange(world.ports[at], requestBytes({ path, headers }))).status).toBe(431)
    })
    proves(`H29 at the ${at}`, async () => {
      for (const method of ['TRACE', 'CONNECT', 'PROPFIND']) {
        const answer = await exchange(
          world.ports[at],
          requestBytes({ method, path: method === 'CONNECT' ? 'x:1' : path }),
        )
        expect({ method, status: answer.status }).toEqual({ method, status: 405 })
        expect(answer.headers.get('allow')).toContain('POST')
      }
      // Node's parser knows no such verb: nothing behind it may take the connection any further.
      const unknown = await exchange(world.ports[at], requestBytes({ method: 'JUNK', path }))
      expect([400, 405]).toContain(unknown.status)
      expect(unknown.closed).toBe(true)
    })
  }

  /** Waits for Node's answer under limits of 100 ms: the shipped ones are asserted, not waited for. */
  const timedOut = async (bytes: string | Buffer): Promise<void> => {
    const { headersTimeout, requestTimeout } = world.ingest
    expect({ headersTimeout, requestTimeout }).toEqual({ headersTimeout: 10_000, requestTimeout: 30_000 })
    Object.assign(world.ingest, { headersTimeout: 100, requestTimeout: 100 })
    expect((await exchange(world.ports.function, bytes)).status).toBe(408)
    Object.assign(world.ingest, { headersTimeout, requestTimeout })
  }
  proves('H26 slow headers: 408 within 10 s', () => timedOut('POST / HTTP/1.1\r\nHost: x\r\n'))
  proves('H26 a slow body: 408 within 30 s', () => timedOut(requestBytes({ body: '{', contentLength: 10 })))

  proves('H27 at the gateway', async () => {
    world.lookedFor.length = 0
    for (const path of [
      '/function/../system/functions',
      '/function/%2e%2e/system/functions',
      '/function/ingest/..%2fsystem',
      '/function//ingest',
      '//function/ingest',
      '/function/ingest/./x',
      '/function\\ingest',
      'http://127.0.0.1/function/ingest',
    ])
      expect([path, (await exchange(world.ports.gateway, requestBytes({ method: 'GET', path }))).status]).toEqual([
        path,
        400,
      ])
    expect(world.lookedFor).toEqual([])
  })

  proves('H28 at the gateway', async () => {
    world.lookedFor.length = 0
    for (const name of [
      'a;b',
      'a'.repeat(300),
      'ing%C3%A9st',
      'ingest.kube-system',
      'ingest.',
      '-ingest',
      'INGEST',
      'a_b',
    ])
      expect([name, (await exchange(world.ports.gateway, requestBytes({ path: `/function/${name}` }))).status]).toEqual(
        [name, 404],
      )
    expect((await exchange(world.ports.gateway, requestBytes({ path: '/function/../../x' }))).status).toBe(400)
    // A namespace is part of a function's key: another one's is never that of the default namespace.
    expect(world.lookedFor).toEqual(['ingest.kube-system'])
  })

  const binary = { 'ce-specversion': '1.0', 'ce-id': '1', 'ce-source': '/x', 'ce-type': 'city.junction.readings.v1' }
  const call = (request: Parameters<typeof requestBytes>[0]): Promise<WireAnswer> =>
    exchange(world.ports.events, requestBytes({ ...request, headers: { ...binary, ...request.headers } }))

  proves('H03 as an event call: 413', async () => {
    expect((await call({ contentLength: MIB + 1 })).status).toBe(413)
  })

  proves('H03 is refused by the log', async () => {
    const append = groupCommit(
      async () => {},
      () => false,
    )
    const event = {
      topic: 'readings',
      partition: 0,
      key: 'd',
      id: 'd',
      type: 't',
      attributes: {},
      data: Buffer.alloc(MIB),
    }
    await expect(append([event])).rejects.toMatchObject({ code: 'oversize' })
  })

  proves('H16 as an event call: 415', async () => {
    const body = gzipSync(Buffer.alloc(MIB))
    expect((await call({ body, headers: { 'content-encoding': 'gzip' } })).status).toBe(415)
  })

  proves('H23 as an event call: the schema decides', async () => {
    expect((await call({ body: LOGGED })).status).toBe(200)
    expect((await call({ body: READING, headers: { 'ce-id': '2' } })).status).toBe(422)
  })

  describe('on the log', () => {
    const bodies: Record<string, string | Buffer> = {
      H01: '',
      H02: LOGGED.slice(0, -1),
      ...Object.fromEntries(Object.entries(members).map(([id, member]) => [id, withMember(LOGGED, member)])),
      H14: Buffer.from(LOGGED.replace('"d"', '"\xff"'), 'latin1'),
      H15: `\ufeff${LOGGED}`,
      H19: ZIP,
    }
    const ids = Object.keys(bodies)
    beforeAll(async () => {
      const events = ids.map((id, offset) => ({
        ...loggedReading('d', offset),
        id,
        body: Buffer.from(bodies[id] as string),
      }))
      const last = { ...loggedReading('last', ids.length), id: 'good' }
      const answer = await workSlice(sliceOf(0, [...events, last]), toolsFor(effectFunction('f'), world.test.database))
      expect(answer).toEqual({ next: BigInt(ids.length + 1) })
    })

    const reasonOf = async (id: string): Promise<string | undefined> =>
      (await world.test.database.query<{ reason: string }>('select reason from dead_letter where event_id = $1', [id]))
        .rows[0]?.reason

    for (const id of ids) {
      const name = (HOSTILE[id]?.event as string[] | undefined)?.[0] ?? id
      proves(name, async () => {
        expect(name).toBe(`${id} on the log is dead-lettered as ${await reasonOf(id)}`)
      })
    }

    it('holds nothing up: the event behind them has its effect, and it alone', async () => {
      const { rows } = await world.test.database.query<{ device: string }>(
        `select device from effect where device <> 'd'`,
      )
      expect(rows).toEqual([{ device: 'last' }])
      expect(await reasonOf('good')).toBeUndefined()
    })
  })

  it('is told from good input, after', async () => {
    expect((await post(READING)).status).toBe(202)
  })

  it('is covered: every input has a test that ran, or a reason', () => {
    expect(Object.keys(HOSTILE)).toEqual(HOSTILE_IDS)
    const proofs = Object.values(HOSTILE).flatMap(({ http, event }) => [http, event])
    const missing = proofs.flatMap((proof) => (Array.isArray(proof) ? proof.filter((name) => !ran.has(name)) : []))
    expect(missing).toEqual([])
    const named = new Set(proofs.flatMap((proof) => (Array.isArray(proof) ? proof : [])))
    expect([...ran].filter((name) => !named.has(name))).toEqual([])
    for (const proof of proofs) expect(Array.isArray(proof) ? proof.length : proof.reason.length).toBeGreaterThan(0)
  })
})
