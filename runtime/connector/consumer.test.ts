import { describe, expect, it } from '@jest/globals'
import { pino } from 'pino'
import { createConsumer } from './consumer.ts'
import type { Source } from './source.ts'

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
    const consumer = createConsumer({ name: 'f', maxInFlight: () => 1, time, log: pino({ level: 'silent' }) })
    consumer.add(source)
    for (let n = 0; n < 5; n++) consumer.report({ kind: 'world', code: 'unavailable', error: 'down' })
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
})
