import { describe, expect, it } from '@jest/globals'
import { pino } from 'pino'
import { DatabaseUnavailable } from '#shared/state/database.ts'
import { checkRetention, housekeeping } from './housekeeping.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const plans = [{ topic: 'readings', partitions: 8, retentionDays: 7 }]
const check = (logMs: number, inboxMs: number, of = plans) => checkRetention({ logMs, inboxMs }, of)

describe('checkRetention', () => {
  it('takes what holds together, as the defaults do', () => {
    expect(() => check(7 * DAY, 8 * DAY)).not.toThrow()
    expect(() => check(30 * DAY, 31 * DAY)).not.toThrow()
  })

  it.each([
    [3 * DAY, 8 * DAY, 'LOG_RETENTION is 3d, but the topic readings is to be kept for 7d'],
    [7 * DAY, 12 * HOUR, 'INBOX_RETENTION is 12h, but an event is retried for 1d'],
    [7 * DAY, 8 * DAY - 1000, 'but the log keeps events for up to 8d'],
    [30 * DAY, 8 * DAY, 'INBOX_RETENTION is 8d, but the log keeps events for up to 31d'],
  ])('refuses %d and %d with both figures', (logMs, inboxMs, message) => {
    expect(() => check(logMs, inboxMs)).toThrow(message)
  })
})

describe('a round that fails', () => {
  it('is told, and ends nobody', async () => {
    const lines: string[] = []
    const fail = () => Promise.reject(new DatabaseUnavailable('gone'))
    const keep = housekeeping({
      database: { query: fail, lend: fail, close: async () => {} },
      functions: () => [],
      relays: false,
      retention: { logMs: 7 * DAY, inboxMs: 8 * DAY },
      log: pino({}, { write: (line: string) => void lines.push(line) }),
    })
    expect(await keep()).toBe(false)
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { alarm: 'housekeeping_failed', err: { message: 'gone' } },
    ])
  })
})
