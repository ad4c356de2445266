import { describe, expect, it } from '@jest/globals'
import { localClock, parseStep, rowInstant } from './local-time.ts'

const losAngeles = localClock('America/Los_Angeles')
const utc = (at: Date) => at.toISOString()

describe('localClock', () => {
  it('turns a winter and a summer time into their instants', () => {
    expect(utc(losAngeles.instant('2012-03-01T00:00:00'))).toBe('2012-03-01T08:00:00.000Z')
    expect(utc(losAngeles.instant('2012-07-01 00:00'))).toBe('2012-07-01T07:00:00.000Z')
  })

  it('takes a skipped time as far behind the jump', () => {
    expect(utc(losAngeles.instant('2012-03-11T01:55:00'))).toBe('2012-03-11T09:55:00.000Z')
    expect(utc(losAngeles.instant('2012-03-11T02:30:00'))).toBe('2012-03-11T10:30:00.000Z')
    expect(utc(losAngeles.instant('2012-03-11T03:00:00'))).toBe('2012-03-11T10:00:00.000Z')
  })

  it('tells the two passes of a repeated hour apart by what came before', () => {
    const first = losAngeles.instant('2012-11-04T01:00:00', new Date('2012-11-04T07:55:00Z'))
    expect(utc(first)).toBe('2012-11-04T08:00:00.000Z')
    expect(utc(losAngeles.instant('2012-11-04T01:00:00', new Date('2012-11-04T08:55:00Z')))).toBe(
      '2012-11-04T09:00:00.000Z',
    )
  })

  it('keeps a zone the time brings itself', () => {
    expect(utc(losAngeles.instant('2012-03-01T00:00:00+01:00'))).toBe('2012-02-29T23:00:00.000Z')
  })

  it('refuses what is no time, and a zone that does not exist', () => {
    expect(() => losAngeles.instant('yesterday')).toThrow("'yesterday' is no time")
    expect(() => losAngeles.instant('2012-13-45T00:00:00')).toThrow('is no time')
    expect(() => localClock('Mars/Olympus')).toThrow(RangeError)
  })

  it('tells the local hour', () => {
    expect(losAngeles.hour(new Date('2012-03-01T08:30:00Z'))).toBe(0)
    expect(losAngeles.hour(new Date('2012-07-01T06:30:00Z'))).toBe(23)
  })
})

describe('parseStep and rowInstant', () => {
  it('adds exact time across a change of the clock', () => {
    const rows = [0, 1, 2].map((n) => utc(rowInstant(losAngeles, '2012-03-11T01:55:00', parseStep('PT5M'), n)))
    expect(rows).toEqual(['2012-03-11T09:55:00.000Z', '2012-03-11T10:00:00.000Z', '2012-03-11T10:05:00.000Z'])
  })

  it('adds days on the wall clock', () => {
    const rows = [0, 1, 2].map((n) => utc(rowInstant(losAngeles, '2012-03-10T00:00:00', parseStep('P1D'), n)))
    expect(rows).toEqual(['2012-03-10T08:00:00.000Z', '2012-03-11T08:00:00.000Z', '2012-03-12T07:00:00.000Z'])
  })

  it('refuses steps without a fixed length', () => {
    for (const bad of ['P1M', 'P1Y', 'PT0S', 'P', '5m', '']) expect(() => parseStep(bad)).toThrow('is no step')
  })
})
