import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { openLeases } from '#shared/bus/lease.ts'
import type { Bus } from '#shared/bus/port.ts'
import { postgresBus } from '#shared/bus/postgres.ts'
import { ConfigurationError } from '#shared/configuration-error.ts'
import { type Bench, consumer, finish, openBench, until } from './harness.ts'

let bench: Bench
beforeEach(async () => {
  bench = await openBench()
})
afterEach(() => bench.end())

const f = consumer('f')
const other = consumer('other', { topics: [], foreignTopic: 'traffic-data' })
const all = (_: string, request: Parameters<typeof finish>[2]) =>
  'junction-first' in request.headers
    ? finish(bench.database, 'f', request)
    : Promise.resolve({ status: 200, headers: {}, body: Buffer.alloc(0), via: 'function' as const })
const at = (name: string, position: string, topic: string) =>
  until(async () => (await bench.position(name, topic)) === position, `${name} at ${position}`)
const said = (text: string) => bench.lines.filter(({ msg }) => String(msg).includes(text)).length
const makeTopic = (topic: string) => bench.database.query('insert into log_partition values ($1, 0, 0)', [topic])

/** The log of PostgreSQL with something else in the place of some of its parts. */
function busWith(parts: (real: Bus) => Partial<Bus>): Bus {
  const real = postgresBus(bench.database, openLeases(bench.database, { holder: 'own', expiryMs: 2_000, lookMs: 20 }))
  return { ...real, ...parts(real) }
}

describe('a topic that is not there yet', () => {
  it('is waited for by its consumer alone, which is told once and visible, and read without a restart', async () => {
    let asked = 0
    const bus = busWith((real) => ({
      assign(name, ...rest) {
        if (name === 'other') asked++
        return real.assign(name, ...rest)
      },
    }))
    const connector = bench.start([f, other], all, { bus })
    await bench.append('readings.late', ['a'])
    await at('f', '1', 'readings.late')
    await until(() => asked > 3, 'it is asked for again')
    expect(connector.status().ready).toBe(true)
    expect(connector.status().consumers[1]).toMatchObject({
      consumer: 'other',
      state: 'running',
      waitsFor: 'traffic-data',
      error: 'waiting for topic traffic-data',
    })
    const metric = 'junction_connector_waiting_for_topic{consumer="other",topic="traffic-data"} 1'
    expect(await bench.registry.metrics()).toContain(metric)
    expect(said('other waits for topic traffic-data')).toBe(1)
    expect(bench.lines.filter(({ level }) => Number(level) >= 40)).toEqual([])

    await makeTopic('traffic-data')
    await bench.append('traffic-data', ['b'])
    await at('other', '1', 'traffic-data')
    expect(connector.status().consumers[1]).not.toHaveProperty('waitsFor')
    expect(await bench.registry.metrics()).not.toContain(metric)
  })

  it('keeps no other topic of the same consumer from being read', async () => {
    const both = consumer('both', { topics: ['traffic-data', 'readings.late'] as never })
    const connector = bench.start([both], (name, request) => finish(bench.database, name, request))
    await bench.append('readings.late', ['a'])
    await at('both', '1', 'readings.late')
    expect(connector.status().consumers[0]).toMatchObject({ state: 'running', waitsFor: 'traffic-data' })

    await makeTopic('traffic-data')
    await bench.append('traffic-data', ['b'])
    await at('both', '1', 'traffic-data')
    await bench.append('readings.late', ['c'])
    await at('both', '2', 'readings.late')
    expect(connector.status().consumers[0]).not.toHaveProperty('waitsFor')
    expect(said('both waits for topic traffic-data')).toBe(1)
  })

  it('holds nobody up while the bus is slow to say so', async () => {
    let asked = 0
    let answer = () => {}
    const slowly = new Promise<never>((_, reject) => {
      answer = () => reject(new Error('too late'))
    })
    const bus = busWith((real) => ({
      assign: (name, ...rest) => (name === 'other' && ++asked > 1 ? slowly : real.assign(name, ...rest)),
    }))
    bench.start([f, other], all, { bus })
    await until(() => asked === 2)
    await bench.append('readings.late', ['a'])
    await at('f', '1', 'readings.late')
    answer()
  })
})

describe('a topic that may not be read', () => {
  const denied = new ConfigurationError('the bus denies what is asked of it')
  const isStopped = (connector: ReturnType<Bench['start']>) =>
    until(() => connector.status().consumers[1]?.state === 'stop', 'other is stopped')

  it('stops its consumer alone, with an alarm; resume tries at once', async () => {
    let mended = false
    const bus = busWith((real) => ({
      assign: async (name, ...rest) => {
        if (name === 'other' && !mended) throw denied
        return real.assign(name, ...rest)
      },
    }))
    await makeTopic('traffic-data')
    await bench.append('traffic-data', ['b'])
    await bench.append('readings.late', ['a'])
    const connector = bench.start([f, other], all, { bus })
    await at('f', '1', 'readings.late')
    await isStopped(connector)
    expect(connector.status()).toMatchObject({
      ready: true,
      consumers: [{ state: 'running' }, { code: 'configuration', error: denied.message }],
    })
    expect(bench.lines.filter(({ alarm }) => alarm === 'consumer_stopped')).toMatchObject([{ consumer: 'other' }])
    mended = true
    connector.resume('other')
    await at('other', '1', 'traffic-data')
    expect(connector.status().consumers[1]?.state).toBe('running')
  })

  it('is found when its end is asked for, too', async () => {
    const bus = busWith((real) => ({
      ends: async (topics) => {
        if (topics.includes('traffic-data')) throw denied
        return real.ends(topics)
      },
    }))
    await makeTopic('traffic-data')
    await bench.append('readings.late', ['a'])
    const connector = bench.start([f, other], all, { bus })
    await at('f', '1', 'readings.late')
    await isStopped(connector)
    expect(connector.status().ready).toBe(true)
  })

  it('stops its consumer where only the reading is denied', async () => {
    const bus = busWith((real) => ({
      assign: async (name, ...rest) => {
        const assignment = await real.assign(name, ...rest)
        return name === 'other' ? { ...assignment, read: () => Promise.reject(denied) } : assignment
      },
    }))
    await makeTopic('traffic-data')
    await bench.append('traffic-data', ['b'])
    await bench.append('readings.late', ['a'])
    const connector = bench.start([f, other], all, { bus })
    await at('f', '1', 'readings.late')
    await isStopped(connector)
    expect(said('the connector could not work for other')).toBe(0)
  })
})
