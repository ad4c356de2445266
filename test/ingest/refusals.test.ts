import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { pino } from 'pino'
import { ingestApp } from '#functions/ingest/app.ts'
import { countRefusals } from '#functions/ingest/refusals.ts'
import type { Caller, OutputEvent } from '#shared/function/define.ts'
import { transaction } from '#shared/state/transaction.ts'
import { freshDatabase, type TestDatabase } from '#test/postgres.ts'

const NOW = '2012-03-01T08:01:00.000Z'
const reading = { device: 'loop-1', observedAt: '2012-03-01T08:00:00Z', measures: { speed: 40 } }
const DAY = 86_400_000
const settings = {
  acceptPastMs: 30 * DAY,
  acceptFutureMs: 300_000,
  windowMs: 300_000,
  lateAfterMs: 900_000,
  silentAfterMs: 900_000,
}

let test: TestDatabase
beforeAll(async () => {
  test = await freshDatabase()
  await test.database.query(
    `insert into segment (segment) values ('harbor');
     insert into segment_device values ('loop-1', 'harbor'), ('loop-2', 'harbor');
     insert into sensor values ('air-1', '2012-03-01T08:00Z')`,
  )
})
beforeEach(async () => void (await test.database.query('truncate sensor_refusal')))
afterAll(() => test.drop())

const refusals = async () =>
  (await test.database.query('select device, hour, count, last_at, code, error from sensor_refusal order by 1, 2')).rows

/** The function on PostgreSQL; `exit` ends it in order. */
function ingest({
  caller = { role: 'operator' } as Caller,
  now = NOW,
  emit = async (_events: OutputEvent[]) => {},
} = {}) {
  let exit = async () => {}
  const totals: Record<string, number> = {}
  const context = {
    emit,
    unit: (work: Parameters<Parameters<typeof countRefusals>[0]['unit']>[0]) =>
      transaction(test.database, async (sql) => void (await work(sql))),
    now: async () => new Date(now),
    settings,
    caller: async () => caller,
    atExit: (work: () => Promise<void>) => {
      exit = work
    },
    counter:
      (name: string) =>
      (n: number, value = '') => {
        const key = `${name} ${value}`.trim()
        totals[key] = (totals[key] ?? 0) + n
      },
    log: pino({ level: 'silent' }),
  }
  const app = ingestApp(context, countRefusals(context))
  const headers = { 'content-type': 'application/json' }
  return {
    totals,
    exit: () => exit(),
    post: async (body: unknown) => {
      const text = typeof body === 'string' ? body : JSON.stringify(body)
      return (await app.request('/', { method: 'POST', body: text, headers })).status
    },
  }
}

const row = (device: string, count: number, code: string, error: string) => ({
  ...{ device, count, code, error },
  hour: new Date('2012-03-01T08:00Z'),
  last_at: new Date(NOW),
})
const NO_MEASURE = '/measures holds no measure: give at least one, like {"speed":50}'

describe('what ingest refuses', () => {
  it('is counted by sensor and hour: of the network, or heard of before; what names neither, together', async () => {
    const { post, exit } = ingest()
    expect(await post({ ...reading, measures: {} })).toBe(400)
    expect(await post([reading, { ...reading, seq: -1 }, { ...reading, device: 'air-1', observedAt: 'now' }])).toBe(207)
    expect(await post([{ ...reading, device: 'nobody', measures: {} }, 7])).toBe(207)
    expect(await post('{"device":"loop-1"')).toBe(400)
    await exit()
    expect(await refusals()).toEqual([
      row('', 3, 'decode', expect.any(String) as never),
      row('air-1', 1, 'invalid', '/observedAt is not a date and time with a zone, like 2012-03-01T00:00:00-08:00'),
      row('loop-1', 2, 'invalid', '/seq must be 0 or more'),
    ])
  })

  it('adds up over processes and flushes, the newest reason standing', async () => {
    const [one, other] = [ingest(), ingest({ now: '2012-03-01T08:00:30.000Z' })]
    await one.post({ ...reading, measures: {} })
    await other.post({ ...reading, extra: 1 })
    await Promise.all([one.exit(), other.exit()])
    await one.post({ ...reading, measures: {} })
    await one.exit()
    expect(await refusals()).toEqual([row('loop-1', 3, 'invalid', NO_MEASURE)])
  })

  it('by one who may not speak for the device is not held against it', async () => {
    const { post, exit } = ingest({ caller: { role: 'device', key: 'k', devices: ['loop-1'] } })
    await post([{ ...reading, measures: {} }, { ...reading, device: 'loop-2' }, { device: 'loop-2' }])
    await exit()
    expect(await refusals()).toMatchObject([
      { device: '', count: 2 },
      { device: 'loop-1', count: 1 },
    ])
  })

  it('counts what the log refuses for good, and not what it cannot take now', async () => {
    const failing = (error: object) => ingest({ emit: () => Promise.reject(Object.assign(new Error('no'), error)) })
    const forGood = failing({ name: 'PermanentError', code: 'oversize', status: 413 })
    const forNow = failing({ code: '57P03' })
    expect([await forGood.post(reading), await forNow.post(reading)]).toEqual([413, 503])
    await forGood.exit()
    await forNow.exit()
    expect(await refusals()).toEqual([row('loop-1', 1, 'oversize', 'the log refuses this reading')])
  })

  it('forgets hours that are a week old', async () => {
    const [old, young] = ['2012-02-23T07:00Z', '2012-02-23T09:00Z']
    await test.database.query(
      `insert into sensor_refusal select 'air-1', h, 1, h, 'c', 'e' from unnest($1::timestamptz[]) h`,
      [[old, young]],
    )
    const { post, exit } = ingest()
    await post({ ...reading, measures: {} })
    await exit()
    expect(await refusals()).toMatchObject([{ device: 'air-1', hour: new Date(young) }, { device: 'loop-1' }])
  })

  it('does not fail a request, nor its process, where it cannot be written', async () => {
    const { post, exit } = ingest()
    await test.database.query('alter table sensor_refusal rename to gone')
    await post({ ...reading, measures: {} })
    await exit()
    await test.database.query('alter table gone rename to sensor_refusal')
    expect(await refusals()).toEqual([])
  })

  it('and what it accepts late or out of range is counted for /metrics', async () => {
    const { post, totals } = ingest()
    await post([
      { ...reading, observedAt: '2012-03-01T07:46:00Z' },
      { ...reading, observedAt: '2012-03-01T07:45:59.999Z' },
      { ...reading, observedAt: '2012-03-01T07:45:00Z', measures: { speed: 400, occupancy: 7 } },
      { ...reading, measures: {} },
    ])
    await post('{"device"')
    await post({ ...reading, observedAt: '2011-03-01T07:45:00Z' })
    expect(totals).toEqual({
      readings_late_total: 2,
      readings_flagged_total: 1,
      'readings_refused_total invalid': 1,
      'readings_refused_total decode': 1,
      'readings_refused_total time_out_of_range': 1,
    })
  })
})
