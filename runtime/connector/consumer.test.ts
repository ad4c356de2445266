import { describe, expect, it } from '@jest/globals'
import { pino } from 'pino'
import { Registry } from 'prom-client'
import { createConsumer } from './consumer.ts'
import { connectorMetrics } from './metrics.ts'
import type { Source } from './source.ts'
import type { Verdict } from './verdict.ts'

const log = pino({ level: 'silent' })
const metrics = () => connectorMetrics(new Registry(), () => [])

describe('the metrics of the connector', () => {
  it('have all that the protocol asks for, each with its help', async () => {
    const registry = new Registry()
    const partition = {
      topic: 't',
      partition: 0,
      position: '1',
      end: '3',
      lag: 2,
      oldestAgeMs: 1500,
      state: 'working' as const,
    }
    connectorMetrics(registry, () => [
      {
        ...{ consumer: 'f', state: 'running', inFlight: 1, lag: 2, oldestAgeMs: 1500, due: [], rebuilds: 2 },
        partitions: [partition, { ...partition, partition: 1, lag: 3, oldestAgeMs: 500 }],
      },
    ])
    const text = await registry.metrics()
    for (const line of [
      'junction_connector_lag_events{consumer="f",topic="t"} 5',
      'junction_connector_oldest_unfinished_seconds{consumer="f",topic="t"} 1.5',
      'junction_connector_in_flight{consumer="f"} 1',
      'junction_connector_breaker_open{consumer="f"} 0',
      'junction_connector_stopped{consumer="f"} 0',
      'junction_connector_rebuilds_total{consumer="f"} 2',
    ])
      expect(text).toContain(line)
    for (const name of ['calls', 'attempts', 'dead_letters', 'stops', 'tick_failures'])
      expect(text).toMatch(new RegExp(`# HELP junction_connector_${name}_total [A-Z].+`))
  })
})

describe('a stopped consumer', () => {
  const refused: Verdict = { kind: 'stop', code: 'configuration', error: 'table a is missing' }
  const done: Verdict = { kind: 'done', next: 1n }
  const now = { at: 0 }
  const time = { now: () => now.at, sleep: async () => {}, random: () => 0.5 }
  /** Two sources of one consumer; those that run end when they are told to. */
  const two = () => {
    const started: string[] = []
    const ends: (() => void)[] = []
    const source = (name: string): Source => ({
      readyAt: () => 0,
      run: () => {
        started.push(name)
        return new Promise((resolve) => ends.push(resolve))
      },
      pardon: () => {},
      postpone: () => {},
    })
    const consumer = createConsumer({ name: 'f', maxInFlight: () => 2, time, log, metrics: metrics() })
    const a = source('a')
    const b = source('b')
    consumer.add(a)
    consumer.add(b)
    const end = () => {
      for (const done of ends.splice(0)) done()
    }
    return { consumer, a, b, started, end }
  }

  it('stays so when calls that were under way end well', async () => {
    const { consumer, a, b, end } = two()
    consumer.kick()
    consumer.report(refused, a)
    consumer.report(done, b)
    expect(consumer.gate.pause).toMatchObject({ kind: 'stop', since: 0 })
    end()
    await new Promise((resolve) => setImmediate(resolve))
    expect(consumer.gate.pause).toMatchObject({ kind: 'stop', since: 0 })
  })

  it('is probed where it failed, and goes on by that alone', async () => {
    const { consumer, a, b, started, end } = two()
    consumer.kick()
    consumer.report(refused, b)
    end()
    await new Promise((resolve) => setImmediate(resolve))
    started.length = 0
    for (now.at = 30_000; now.at <= 90_000; now.at += 30_000) {
      consumer.kick()
      consumer.report(done, a)
      if (now.at < 90_000) consumer.report(refused, b)
      else consumer.report(done, b)
      end()
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(started.slice(0, 3)).toEqual(['b', 'b', 'b'])
    expect(consumer.gate.pause).toBeUndefined()
  })
})

describe('a source that is suspected of ending the process', () => {
  it('is called for alone: after what is under way, and before anything else', async () => {
    const time = { now: () => 0, sleep: async () => {}, random: () => 0.5 }
    const consumer = createConsumer({ name: 'f', maxInFlight: () => 2, time, log, metrics: metrics() })
    const ends = new Map<string, () => void>()
    const source = (name: string): Source & { suspect: boolean } => ({
      suspect: false,
      readyAt: () => 0,
      run: () => new Promise((resolve) => ends.set(name, resolve)),
      pardon: () => {},
      postpone: () => {},
    })
    const [a, b] = [source('a'), source('b')]
    consumer.add(a)
    consumer.add(b)
    const end = async (name: string) => {
      ends.get(name)?.()
      ends.delete(name)
      await new Promise((resolve) => setImmediate(resolve))
    }
    b.suspect = true
    consumer.kick()
    expect([...ends.keys()]).toEqual(['a'])
    await end('a')
    expect([...ends.keys()]).toEqual(['b'])
    consumer.kick()
    expect([...ends.keys()]).toEqual(['b'])
    b.suspect = false
    await end('b')
    expect([...ends.keys()]).toEqual(['a', 'b'])
  })
})

describe('a paused consumer', () => {
  it('waits before it probes again when the connector itself could not make the probe', async () => {
    let now = 0
    let runs = 0
    const source: Source = {
      readyAt: () => 0,
      // The 50th never comes back, so that a loop without a pause ends.
      run: () => (++runs < 50 ? Promise.reject(new Error('PostgreSQL cannot be reached')) : new Promise(() => {})),
      pardon: () => {},
      postpone: () => {},
    }
    const time = { now: () => now, sleep: async () => {}, random: () => 0.5 }
    const consumer = createConsumer({ name: 'f', maxInFlight: () => 1, time, log, metrics: metrics() })
    consumer.add(source)
    for (let n = 0; n < 5; n++) consumer.report({ kind: 'world', code: 'unavailable', error: 'down' }, source)
    expect(consumer.kick()).toBe(5_000)

    now = 5_000
    consumer.kick()
    await new Promise((resolve) => setImmediate(resolve))
    expect(runs).toBe(1)
    now = consumer.kick()
    expect(now).toBe(5_100)
    consumer.kick()
    await new Promise((resolve) => setImmediate(resolve))
    expect(runs).toBe(2)
  })

  it('waits before it probes again when the probe found nothing to call for', async () => {
    let now = 0
    const runs: string[] = []
    const readyAt = { halted: 0, well: Number.POSITIVE_INFINITY }
    const source = (name: keyof typeof readyAt, run: () => void): Source => ({
      readyAt: () => readyAt[name],
      run: async () => {
        runs.push(name)
        // So that a loop without a pause ends.
        if (runs.length > 50) await new Promise(() => {})
        run()
      },
      pardon: () => {},
      postpone: () => {},
    })
    const time = { now: () => now, sleep: async () => {}, random: () => 0.5 }
    const consumer = createConsumer({ name: 'f', maxInFlight: () => 1, time, log, metrics: metrics() })
    const halted = source('halted', () => {
      readyAt.halted = now + 30_000
    })
    const well = source('well', () => consumer.report({ kind: 'done', next: 1n }, well))
    consumer.add(halted)
    consumer.add(well)
    for (let n = 0; n < 5; n++) consumer.report({ kind: 'world', code: 'unavailable', error: 'down' }, halted)
    now = 5_000
    consumer.kick()
    await new Promise((resolve) => setImmediate(resolve))
    expect(runs).toEqual(['halted'])
    // Whoever can be called for is not kept from it for long.
    now = consumer.kick()
    expect(now).toBe(10_000)
    readyAt.well = 0
    consumer.kick()
    expect(runs).toEqual(['halted', 'well'])
  })
})
