import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import type { InvokeRequest } from '#runtime/connector/types.ts'
import { answer, type Bench, consumer, fastTime, openBench, platform, refused, until } from './harness.ts'

let bench: Bench
let city: Date
let looks = 0
const clock = {
  now: async () => {
    looks++
    return city
  },
}
/** Waits until the connector has looked at the tables and the clock at least once more. */
const lookedAgain = () => {
  const before = looks
  return until(() => looks > before + 1)
}
beforeEach(async () => {
  bench = await openBench()
  city = new Date('2012-03-01T08:00:00.000Z')
})
afterEach(() => bench.end())

const alarm = (name: string, at: string) =>
  bench.database.query('insert into alarm (consumer, at) values ($1, $2)', [name, at])
const alarms = async () => (await bench.database.query('select 1 from alarm')).rows.length
const takeAlarm = async (name: string, { body }: InvokeRequest) => {
  const { plannedAt } = JSON.parse(body.toString())
  await bench.database.query('delete from alarm where consumer = $1 and at = $2', [name, plannedAt])
  return answer(200, {})
}
const lastTick = async (name: string): Promise<string | undefined> =>
  (
    await bench.database.query<{ last: Date }>('select last from schedule where consumer = $1', [name])
  ).rows[0]?.last.toISOString()
const takeTick = async (name: string, { body }: InvokeRequest) => {
  const { plannedAt } = JSON.parse(body.toString())
  await bench.database.query('update schedule set last = $2 where consumer = $1', [name, plannedAt])
  return answer(200, {})
}

const linesOf = (level: number) => bench.lines.flatMap((line) => (line.level === level ? [line.msg as string] : []))

describe('alarms', () => {
  it('that leave more to do for the same instant are called for again at once, time after time', async () => {
    await alarm('f', '2012-03-01T08:00:00.000Z')
    let calls = 0
    bench.start(
      [consumer('f')],
      async (name, request) => {
        const taken = await takeAlarm(name, request)
        if (++calls < 30) await alarm('f', '2012-03-01T08:00:00.000Z')
        return taken
      },
      { clock },
    )
    await until(async () => calls === 30 && (await alarms()) === 0)
    expect(linesOf(40)).toEqual([])
    expect(linesOf(50)).toEqual([])
  })

  it('fire once each when city time reaches them', async () => {
    await alarm('f', '2012-03-01T08:00:00.000Z')
    await alarm('f', '2012-03-01T08:05:00.000Z')
    const calls: InvokeRequest[] = []
    bench.start(
      [consumer('f')],
      async (name, request) => {
        calls.push(request)
        return takeAlarm(name, request)
      },
      { clock },
    )
    await until(async () => (await alarms()) === 1)
    expect(calls[0]?.headers).toMatchObject({
      authorization: 'Bearer the-connector-key',
      'content-type': 'application/json',
      'ce-specversion': '1.0',
      'ce-type': 'city.junction.alarm.v1',
      'ce-id': 'f/alarm@2012-03-01T08:00:00.000Z',
    })
    expect(calls[0]?.body.toString()).toBe('{"name":"alarm","plannedAt":"2012-03-01T08:00:00.000Z"}')
    city = new Date('2012-03-01T08:05:00.000Z')
    await until(async () => (await alarms()) === 0)
    expect(calls).toHaveLength(2)
  })

  it('survive failures, and never run two at once', async () => {
    await alarm('f', '2012-03-01T07:00:00Z')
    await alarm('f', '2012-03-01T07:01:00Z')
    let calls = 0
    let inFlight = 0
    let most = 0
    const connector = bench.start(
      [consumer('f')],
      async (name, request) => {
        most = Math.max(most, ++inFlight)
        const answered = ++calls <= 4 ? answer(500, { code: 'transient' }) : await takeAlarm(name, request)
        inFlight--
        return answered
      },
      { clock },
    )
    await until(async () => (await alarms()) === 0)
    await until(() => connector.status().consumers[0]?.due.length === 0)
    expect(most).toBe(1)
    expect(calls).toBe(6)
  })

  it('that are answered but not taken are not fired at full speed', async () => {
    await alarm('f', '2012-03-01T07:00:00Z')
    let calls = 0
    const connector = bench.start(
      [consumer('f')],
      async () => {
        calls++
        return answer(200, {})
      },
      { clock },
    )
    await until(() => calls >= 3)
    expect(connector.status().consumers[0]?.state).toBe('running')
    expect(calls).toBeLessThan(6)
    expect(linesOf(40)).toEqual([
      'f fails at its alarm of 2012-03-01T07:00:00.000Z, it is tried on: it answered 200 and did not take it',
    ])
  })

  it('that fail for good are told of once, and once more when they are taken', async () => {
    await alarm('f', '2012-03-01T07:00:00Z')
    let calls = 0
    bench.start(
      [consumer('f')],
      async (name, request) =>
        ++calls <= 5 ? answer(422, { code: 'permanent', detail: 'no such day' }) : takeAlarm(name, request),
      { clock },
    )
    await until(async () => (await alarms()) === 0)
    await until(() => linesOf(30).includes('f takes its alarms again'))
    expect(linesOf(40)).toEqual([
      'f fails at its alarm of 2012-03-01T07:00:00.000Z, it is tried on: the function answered 422 permanent: no such day',
    ])
    expect(linesOf(30).filter((line) => line.startsWith('f '))).toEqual(['f takes its alarms again'])
  })

  it('that fail ten times are an alarm, once', async () => {
    await alarm('f', '2012-03-01T07:00:00Z')
    let calls = 0
    bench.start([consumer('f')], async () => answer(++calls > 13 ? 204 : 500, { code: 'transient' }), {
      clock,
      time: fastTime(2000),
    })
    await until(() => calls >= 13)
    expect(bench.lines.filter(({ alarm }) => alarm === 'tick_failing')).toMatchObject([{ consumer: 'f', level: 50 }])
    expect(await bench.registry.metrics()).toMatch(
      /junction_connector_tick_failures_total\{consumer="f",kind="alarm"\} 1[2-4]/,
    )
  })

  it('wait while the function is down', async () => {
    await alarm('f', '2012-03-01T07:00:00Z')
    let down = true
    const connector = bench.start(
      [consumer('f')],
      async (name, request) => (down ? platform(503) : takeAlarm(name, request)),
      { clock },
    )
    await until(() => connector.status().consumers[0]?.state === 'breaker')
    down = false
    await until(async () => (await alarms()) === 0)
  })
})

describe('schedules', () => {
  const hourly = { schedule: { cron: '0 * * * *', timezone: 'UTC' }, topics: [] }

  it('start when first seen; of missed ticks only the latest is run', async () => {
    const planned: string[] = []
    bench.start(
      [consumer('f', hourly)],
      async (name, request) => {
        planned.push(request.headers['ce-id'] ?? '')
        expect(request.headers['ce-type']).toBe('city.junction.schedule.v1')
        return takeTick(name, request)
      },
      { clock },
    )
    await until(async () => (await lastTick('f')) === '2012-03-01T08:00:00.000Z')
    city = new Date('2012-03-01T12:30:00Z')
    await until(async () => (await lastTick('f')) === '2012-03-01T12:00:00.000Z')
    expect(planned).toEqual(['f/schedule@2012-03-01T12:00:00.000Z'])
  })

  it('do not overlap: what falls due meanwhile follows, latest only', async () => {
    const planned: string[] = []
    let release = () => {}
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    bench.start(
      [consumer('f', hourly)],
      async (name, request) => {
        planned.push(request.headers['ce-id'] ?? '')
        if (planned.length === 1) await held
        return takeTick(name, request)
      },
      { clock },
    )
    await until(async () => (await lastTick('f')) !== undefined)
    city = new Date('2012-03-01T09:00:00Z')
    await until(() => planned.length === 1)
    city = new Date('2012-03-01T11:59:00Z')
    release()
    await until(async () => (await lastTick('f')) === '2012-03-01T11:00:00.000Z')
    expect(planned).toEqual(['f/schedule@2012-03-01T09:00:00.000Z', 'f/schedule@2012-03-01T11:00:00.000Z'])
  })

  it('end at the instant they are told to, and what was due before it is still run', async () => {
    const planned: string[] = []
    const connector = bench.start(
      [consumer('f', hourly)],
      async (name, request) => {
        planned.push(request.headers['ce-id'] ?? '')
        return takeTick(name, request)
      },
      { clock, lastTick: new Date('2012-03-01T10:30:00Z') },
    )
    await until(async () => (await lastTick('f')) !== undefined)
    city = new Date('2012-03-01T12:30:00Z')
    await until(async () => (await lastTick('f')) === '2012-03-01T10:00:00.000Z')
    await lookedAgain()
    expect(planned).toEqual(['f/schedule@2012-03-01T10:00:00.000Z'])
    await until(() => connector.status().consumers[0]?.due.length === 0)
  })

  it('follow their time zone through a change of summer time', async () => {
    city = new Date('2012-03-10T20:00:00Z')
    const planned: string[] = []
    const daily = { schedule: { cron: '0 6 * * *', timezone: 'America/Los_Angeles' }, topics: [] }
    bench.start(
      [consumer('f', daily)],
      async (name, request) => {
        planned.push(JSON.parse(request.body.toString()).plannedAt)
        return takeTick(name, request)
      },
      { clock },
    )
    await until(async () => (await lastTick('f')) !== undefined)
    // 2012-03-11: clocks in Los Angeles went from UTC-8 to UTC-7.
    city = new Date('2012-03-11T12:59:59Z')
    await lookedAgain()
    expect(planned).toEqual([])
    city = new Date('2012-03-11T13:00:00Z')
    await until(async () => (await lastTick('f')) === '2012-03-11T13:00:00.000Z')
    expect(planned).toEqual(['2012-03-11T13:00:00.000Z'])
  })

  it('of foreign functions are moved by the connector, which sends them no credential', async () => {
    const calls: InvokeRequest[] = []
    bench.start(
      [consumer('f', { ...hourly, foreignSchedule: true })],
      async (_, request) => {
        calls.push(request)
        return answer(calls.length === 1 ? 500 : 204, '')
      },
      { clock },
    )
    await until(async () => (await lastTick('f')) !== undefined)
    city = new Date('2012-03-01T09:00:00Z')
    await until(async () => (await lastTick('f')) === '2012-03-01T09:00:00.000Z')
    expect(calls.map(({ headers }) => headers['ce-id'])).toEqual([
      'f/schedule@2012-03-01T09:00:00.000Z',
      'f/schedule@2012-03-01T09:00:00.000Z',
    ])
    expect(calls[0]?.headers.authorization).toBeUndefined()
  })

  it('of foreign functions are not called again while only the tick cannot be written down', async () => {
    const calls: unknown[] = []
    bench.start(
      [consumer('f', { ...hourly, foreignSchedule: true })],
      async (_, { headers }) => {
        calls.push(headers['ce-id'])
        return answer(204, '')
      },
      { clock },
    )
    await until(async () => (await lastTick('f')) !== undefined)
    const permit = await bench.refuse('schedule')
    city = new Date('2012-03-01T09:00:00Z')
    await refused(bench, 3)
    await permit()
    await until(async () => (await lastTick('f')) === '2012-03-01T09:00:00.000Z')
    expect(calls).toEqual(['f/schedule@2012-03-01T09:00:00.000Z'])
  })
})
