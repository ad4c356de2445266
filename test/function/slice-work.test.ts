import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import type { FunctionDefinition } from '#shared/function/define.ts'
import { PermanentError, RetryableError } from '#shared/function/errors.ts'
import { workSlice } from '#shared/function/slice-work.ts'
import { type RunUnit, runUnit } from '#shared/function/unit.ts'
import { freshDatabase, type TestDatabase } from '#test/postgres.ts'
import { effectFunction, reading, sliceOf, toolsFor } from './harness.ts'

describe('a slice', () => {
  let test: TestDatabase
  beforeAll(async () => {
    test = await freshDatabase()
    await test.database.query('create table effect (device text)')
  })
  afterAll(() => test.drop())
  beforeEach(async () => {
    await test.database.query('truncate effect, dead_letter, position, inbox, log cascade')
    await test.database.query(
      `insert into position (consumer, log, topic, partition, next) values ('f', 'postgres', 'readings', 0, 0)`,
    )
  })

  const column = async (text: string): Promise<string[]> =>
    (await test.database.query<{ v: string }>(text)).rows.map(({ v }) => v)
  const effects = () => column('select device as v from effect order by 1')
  const position = async () => (await column('select next as v from position'))[0]
  const devices = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']
  const slice = () =>
    sliceOf(
      0,
      devices.map((device, i) => reading(device, i)),
    )

  it('is one unit: effect and position together', async () => {
    expect(await workSlice(slice(), toolsFor(effectFunction('f'), test.database))).toEqual({ next: 8n })
    expect(await effects()).toEqual(devices)
    expect(await position()).toBe('8')
  })

  it('given again changes nothing and tells where the position stands', async () => {
    const tools = toolsFor(effectFunction('f'), test.database)
    await workSlice(slice(), tools)
    expect(await workSlice(slice(), tools)).toEqual({ next: 8n, moved: true })
    expect(await effects()).toEqual(devices)
  })

  it('control: without the check of the position the second time doubles the effect', async () => {
    const careless: RunUnit = (host, work) =>
      runUnit(host, { ...work, claim: async (sql) => void (await sql.query('update position set next = 8')) })
    const tools = toolsFor(effectFunction('f'), test.database, { runUnit: careless })
    await workSlice(slice(), tools)
    await workSlice(slice(), tools)
    expect(await effects()).toHaveLength(16)
  })

  it('makes a dead letter of what does not decode, with its raw bytes, and goes on', async () => {
    const events = [reading('a', 0), reading('x', 1, '{"device":'), reading('y', 2, '{"device":""}'), reading('b', 3)]
    expect(await workSlice(sliceOf(0, events), toolsFor(effectFunction('f'), test.database))).toEqual({ next: 4n })
    expect(await effects()).toEqual(['a', 'b'])
    const { rows } = await test.database.query(
      `select reason, error_class, "offset", convert_from(body, 'utf8') as body from dead_letter order by "offset"`,
    )
    expect(rows).toEqual([
      { reason: 'decode', error_class: 'decode', offset: '1', body: '{"device":' },
      { reason: 'validation', error_class: 'invalid', offset: '2', body: '{"device":""}' },
    ])
  })

  const raw = (offset: number, body: string) => ({
    ...reading('x', offset, body),
    ...{ topic: 'traffic-data', id: `c/traffic-data/0/${offset}`, source: '/topics/traffic-data', type: 'raw' },
  })
  const foreignSlice = async (bodies: string[]) => {
    await test.database.query(
      `insert into position (consumer, log, topic, partition, next) values ('f', 'postgres', 'traffic-data', 0, 0)`,
    )
    return {
      ...sliceOf(
        0,
        bodies.map((body, offset) => raw(offset, body)),
      ),
      topic: 'traffic-data',
    }
  }
  /** Makes a late reading of a message that names its sensor. */
  const mapping: Partial<FunctionDefinition> = {
    map: ({ data, topic }, { now }) => {
      const { sensor: device } = data as { sensor?: string }
      if (device === undefined) throw new PermanentError(`${topic}: who?`, { code: 'invalid', reason: 'validation' })
      const at = now.toISOString()
      const quality = { flags: [], confidence: 1 }
      return [{ topic: 'readings.late', data: { device, observedAt: at, measures: {}, receivedAt: at, quality } }]
    },
  }

  it('of a foreign topic becomes what its messages are mapped to, but for what is no JSON', async () => {
    const slice = await foreignSlice(['{"sensor":"s1"}', 'speed=3', '{"sensor":"s2"}'])
    const tools = toolsFor(effectFunction('f', undefined, mapping), test.database)
    expect(await workSlice(slice, tools)).toEqual({ next: 3n })
    expect(await column(`select key as v from log order by 1`)).toEqual(['s1', 's2'])
    expect(
      await column(`select reason || ' ' || convert_from(body, 'utf8') || ' ' || error as v from dead_letter`),
    ).toEqual([expect.stringMatching(/^decode speed=3 traffic-data: a message is not JSON: /)])
    expect(await effects()).toEqual([])
  })

  it('of messages nobody can map is one unit all the same, and one look at the clock', async () => {
    const slice = await foreignSlice(['{"sensor":"s1"}', ...Array.from({ length: 99 }, (_, i) => `{"n":${i}}`)])
    let units = 0
    const counting: RunUnit = (host, work) => {
      units++
      return runUnit(host, work)
    }
    const tools = toolsFor(effectFunction('f', undefined, mapping), test.database, { runUnit: counting })
    let looks = 0
    const clock = { now: async () => new Date(Date.UTC(2026, 2, 1, 8, 0, looks++)) }
    const answer = await workSlice(slice, { ...tools, host: { ...tools.host, clock } })
    expect([answer, units, looks]).toEqual([{ next: 100n }, 1, 2])
    expect(await column('select id as v from log')).toEqual(['s1@2026-03-01T08:00:00.000Z'])
    expect(
      await column(`select count(*) || ' ' || reason || ' ' || error_class || ' ' || error as v
        from dead_letter group by reason, error_class, error`),
    ).toEqual(['99 validation invalid traffic-data: who?'])
  })

  it('is not buried where the mapping itself is at fault', async () => {
    const slice = await foreignSlice(['{"sensor":"s1"}', 'null'])
    const tools = toolsFor(effectFunction('f', undefined, mapping), test.database)
    await expect(workSlice(slice, tools)).rejects.toThrow(TypeError)
    expect(await column('select reason as v from dead_letter')).toEqual([])
  })

  it.each([
    ['traffic-data', {}],
    ['readings.late', mapping],
  ])('of %s, which the function does not take, is wrong wiring and no dead letters', async (topic, face) => {
    const slice = { ...(await foreignSlice(['{}'])), topic }
    await expect(workSlice(slice, toolsFor(effectFunction('f', undefined, face), test.database))).rejects.toMatchObject(
      { failure: { code: 'configuration' }, message: expect.stringContaining(`f does not take ${topic}: `) },
    )
    expect(await column('select error as v from dead_letter')).toEqual([])
  })

  it('buries a permanent culprit in the unit that moves past it and keeps all others', async () => {
    const f = effectFunction('f', (seen) => {
      if (seen.includes('d')) throw new PermanentError('d is not for us')
    })
    expect(await workSlice(slice(), toolsFor(f, test.database))).toEqual({ next: 8n })
    expect(await effects()).toEqual(devices.filter((device) => device !== 'd'))
    expect(await column(`select event_id || ' ' || reason as v from dead_letter`)).toEqual([
      'd@2026-03-01T08:00:00.000Z rejected_by_function',
    ])
  })

  it('keeps as a dead letter what PostgreSQL could not take as it is', async () => {
    const hostile = { ...reading('x', 1, '{"device":'), id: 'x\u0000', traceparent: '00-\u0000-b-01' }
    const events = [reading('a', 0), hostile, reading('b', 2)]
    const tools = toolsFor(effectFunction('f'), test.database, { signal: AbortSignal.timeout(30_000) })
    expect(await workSlice(sliceOf(0, events), tools)).toEqual({ next: 3n })
    expect(await column(`select event_id || ' ' || trace_id as v from dead_letter`)).toEqual(['x\\u0000 \\u0000'])
  })

  it('does not try for ever to bury what cannot be buried', async () => {
    const unkept: RunUnit = (host, work) =>
      work.deadLetters.length === 0 ? runUnit(host, work) : Promise.reject(new PermanentError('no place for it'))
    const events = [reading('a', 0), reading('x', 1, '{"device":')]
    const tools = toolsFor(effectFunction('f'), test.database, { runUnit: unkept, signal: AbortSignal.timeout(30_000) })
    expect(await workSlice(sliceOf(0, events), tools)).toEqual({
      next: 1n,
      failed: { reason: 'permanent', error: 'no place for it', retryable: true },
    })
  })

  it('ends the prefix at a retryable culprit: all before it is kept, nothing after it done', async () => {
    const f = effectFunction('f', (seen) => {
      if (seen.includes('f')) throw new RetryableError('later', { retryAfterMs: 1500 })
    })
    expect(await workSlice(slice(), toolsFor(f, test.database))).toEqual({
      next: 5n,
      failed: { reason: 'transient', error: 'later', retryable: true, retryAfterMs: 1500 },
    })
    expect(await effects()).toEqual(['a', 'b', 'c', 'd', 'e'])
    expect(await position()).toBe('5')
  })

  it('does not halve for a failure of the world', async () => {
    let calls = 0
    const f = effectFunction('f', () => {
      calls++
      throw new RetryableError('the model server is down', { scope: 'world' })
    })
    await expect(workSlice(slice(), toolsFor(f, test.database))).rejects.toMatchObject({
      failure: { code: 'transient', scope: 'world' },
    })
    expect(calls).toBe(1)
    expect(await effects()).toEqual([])
  })

  it('names the table that a handler misses', async () => {
    const f = effectFunction('f', undefined, {
      async onEvents(_events, { sql }) {
        await sql.query('select * from total')
        return undefined
      },
    })
    await expect(workSlice(slice(), toolsFor(f, test.database))).rejects.toMatchObject({
      failure: { code: 'configuration' },
      message: 'relation "total" does not exist',
    })
  })

  it('names a missing position as a fault of the configuration', async () => {
    await test.database.query('truncate position')
    await expect(workSlice(slice(), toolsFor(effectFunction('f'), test.database))).rejects.toMatchObject({
      failure: { code: 'configuration' },
    })
  })

  it('takes a failed transaction whose COMMIT succeeds for the failure it is', async () => {
    const f = effectFunction('f', undefined, {
      async onEvents(_events, { sql }) {
        await sql.query(`insert into effect (device) values ('half')`)
        await sql.query('select 1 / 0').catch(() => {})
        return undefined
      },
    })
    expect(await workSlice(sliceOf(0, [reading('a', 0)]), toolsFor(f, test.database))).toMatchObject({ next: 0n })
    expect(await effects()).toEqual([])
  })

  it('gives an event of a `once` function to it once, whatever its offset', async () => {
    const f = effectFunction('f', undefined, { once: true })
    await workSlice(sliceOf(0, [reading('a', 0), reading('b', 1), reading('a', 2)]), toolsFor(f, test.database))
    await workSlice(sliceOf(3, [reading('b', 3), reading('c', 4)]), toolsFor(f, test.database))
    expect(await effects()).toEqual(['a', 'b', 'c'])
  })

  it('control: without `once` a producer that repeats shows twice', async () => {
    await workSlice(sliceOf(0, [reading('a', 0), reading('a', 1)]), toolsFor(effectFunction('f'), test.database))
    expect(await effects()).toEqual(['a', 'a'])
  })

  it('appends outputs and stores the alarm in the same unit', async () => {
    const at = new Date('2026-03-01T09:00:00Z')
    const data = JSON.parse(Buffer.from(reading('a', 0).body).toString())
    const f = effectFunction('f', undefined, {
      onEvents: async () => ({ events: [{ topic: 'readings.late', data }], wakeAt: at }),
    })
    await workSlice(sliceOf(0, [reading('a', 0)]), toolsFor(f, test.database))
    expect(await column(`select id as v from log where topic = 'readings.late'`)).toEqual([
      'a@2026-03-01T08:00:00.000Z',
    ])
    expect((await test.database.query('select at from alarm')).rows).toEqual([{ at }])
  })

  it('refuses an output its topic does not allow, and keeps nothing of the unit', async () => {
    const f = effectFunction('f', undefined, {
      async onEvents(_events, { sql }) {
        await sql.query(`insert into effect (device) values ('a')`)
        return { events: [{ topic: 'readings.late', data: { device: '' } as never }] }
      },
    })
    expect(await workSlice(sliceOf(0, [reading('a', 0)]), toolsFor(f, test.database))).toMatchObject({
      next: 0n,
      failed: { reason: 'unexpected' },
    })
    expect(await effects()).toEqual([])
  })

  it('appends no output that is larger than a call can carry', async () => {
    const at = '2026-03-01T08:00:00.000Z'
    const quality = { flags: ['x'.repeat(1_000_000)], confidence: 1 }
    const f = effectFunction('f', undefined, {
      onEvents: async () => ({
        events: [
          { topic: 'readings.late', data: { device: 'a', observedAt: at, measures: {}, receivedAt: at, quality } },
        ],
      }),
    })
    expect(await workSlice(sliceOf(0, [reading('a', 0)]), toolsFor(f, test.database))).toEqual({ next: 1n })
    expect(await column('select id as v from log')).toEqual([])
    expect(await column('select reason as v from dead_letter')).toEqual(['oversize'])
  })
})
