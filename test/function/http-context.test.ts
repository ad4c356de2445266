import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { postgresBus } from '#shared/bus/postgres.ts'
import type { TrafficState } from '#shared/contracts/traffic.ts'
import type { HttpContext, OutputEvent } from '#shared/function/define.ts'
import { httpContext } from '#shared/function/http-context.ts'
import { openTrace, type Trace } from '#shared/function/trace.ts'
import { freshDatabase, type TestDatabase } from '#test/postgres.ts'
import { effectFunction, toolsFor } from './harness.ts'

const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'

const state = (segment: string): OutputEvent & { data: TrafficState } => ({
  topic: 'traffic.states',
  data: {
    segment,
    level: 'free',
    speedKmh: 50,
    freeFlowKmh: 50,
    ratio: 1,
    jamFactor: 0,
    confidence: 0.9,
    windowStart: '2026-03-01T08:00:00.000Z',
    windowEnd: '2026-03-01T08:05:00.000Z',
    observedAt: '2026-03-01T08:01:00.000Z',
    rev: 1,
    final: false,
  },
})

describe('the context of an HTTP function', () => {
  let test: TestDatabase
  let trace: Trace
  let context: HttpContext
  beforeAll(async () => {
    test = await freshDatabase()
    await test.database.query('create table effect (device text)')
    const definition = effectFunction('web')
    const { host, runUnit } = toolsFor(definition, test.database)
    const bus = postgresBus(test.database)
    trace = openTrace()
    context = httpContext({
      definition,
      host,
      runUnit,
      bus: async () => bus,
      draining: new AbortController().signal,
      atExit: () => {},
      counter: () => () => {},
      gauge: () => () => {},
      assets: '',
      trace,
      findCaller: async () => ({ role: 'operator' }),
      execTimeoutMs: 5000,
    })
  })
  afterAll(() => test.drop())

  const onLog = async () =>
    (
      await test.database.query<{ id: string; attributes: string }>(
        `select id, attributes from log where topic = 'traffic.states' order by "offset"`,
      )
    ).rows.map(({ id, attributes }) => ({ id, ...JSON.parse(attributes) }))

  it('emits durably, with derived id, source, time and the trace of the call', async () => {
    await trace.run(TRACEPARENT, () => context.emit([state('a')]))
    expect(await onLog()).toEqual([
      {
        id: 'a|2026-03-01T08:00:00.000Z|1',
        source: '/function/web',
        subject: 'a',
        time: '2026-03-01T08:00:00.000Z',
        traceparent: TRACEPARENT,
      },
    ])
  })

  it('does effect and outputs of a unit together, or neither', async () => {
    await context.unit(async (sql) => {
      await sql.query(`insert into effect values ('kept')`)
      return [state('b')]
    })
    const failing = context.unit(async (sql) => {
      await sql.query(`insert into effect values ('undone')`)
      throw new Error('no')
    })
    await expect(failing).rejects.toThrow('no')
    const invalid = context.unit(async (sql) => {
      await sql.query(`insert into effect values ('undone too')`)
      return [{ topic: 'traffic.states', data: { ...state('c').data, rev: -1 } }]
    })
    await expect(invalid).rejects.toMatchObject({ code: 'unexpected' })
    expect((await test.database.query('select device from effect')).rows).toEqual([{ device: 'kept' }])
    expect((await onLog()).map(({ subject }) => subject)).toEqual(['a', 'b'])
  })

  it('follows a topic from an offset, goes on with what comes, and ends with its signal', async () => {
    const stop = new AbortController()
    const seen: string[] = []
    for await (const event of context.tail('traffic.states', 1n, stop.signal)) {
      seen.push(`${event.offset} ${event.data.segment}`)
      if (seen.length === 1) await context.emit([state('d')])
      if (seen.length === 2) stop.abort()
    }
    expect(seen).toEqual(['1 b', '2 d'])
    expect(await context.end('traffic.states')).toBe(3n)
  })

  it('refuses to follow a topic whose partitions have no common order', async () => {
    const first = context.tail('readings', 0n, new AbortController().signal)[Symbol.asyncIterator]().next()
    await expect(first).rejects.toThrow(/several partitions/)
  })
})
