import { describe, expect, it } from '@jest/globals'
import { checkRetention } from './housekeeping.ts'

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
