import { describe, expect, it } from '@jest/globals'
import { cronTicks } from './cron.ts'

const date = (text: string) => new Date(text)

describe('the ticks of a cron expression', () => {
  const hourly = cronTicks({ cron: '0 * * * *', timezone: 'UTC' })

  it('are due from their very instant on', () => {
    const last = date('2012-03-01T08:00:00Z')
    expect(hourly.due(last, date('2012-03-01T08:59:59.999Z'))).toBeUndefined()
    expect(hourly.due(last, date('2012-03-01T09:00:00.000Z'))).toEqual(date('2012-03-01T09:00:00Z'))
  })

  it('that were missed are skipped but for the latest', () => {
    expect(hourly.due(date('2012-03-01T08:00:00Z'), date('2012-03-02T05:30:00Z'))).toEqual(date('2012-03-02T05:00:00Z'))
  })

  it('are read in their time zone', () => {
    const morning = cronTicks({ cron: '0 6 * * *', timezone: 'America/Los_Angeles' })
    expect(morning.due(date('2012-03-10T00:00:00Z'), date('2012-03-10T20:00:00Z'))).toEqual(
      date('2012-03-10T14:00:00Z'),
    )
    expect(morning.due(date('2012-03-11T00:00:00Z'), date('2012-03-11T20:00:00Z'))).toEqual(
      date('2012-03-11T13:00:00Z'),
    )
  })
})
