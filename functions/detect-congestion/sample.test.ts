import { describe, expect, it } from '@jest/globals'
import type { AcceptedReading } from '#shared/contracts/reading.ts'
import { sift } from './sample.ts'

const settings = { windowMs: 300_000, lateAfterMs: 900_000 }
const reading = (more: Partial<AcceptedReading>): AcceptedReading => ({
  device: 'd',
  observedAt: '2026-03-02T06:07:30.000Z',
  receivedAt: '2026-03-02T06:07:31.000Z',
  measures: { speed: 50 },
  quality: { flags: [], confidence: 1 },
  ...more,
})

describe('sift', () => {
  it('puts a reading into the window its observation falls into', () => {
    const [sample] = sift([reading({})], settings).samples
    expect(sample).toMatchObject({ window: Date.parse('2026-03-02T06:05:00Z'), seq: -1, speed: 50, count: null })
  })

  it('calls late what was received more than the limit after its observation, to the millisecond', () => {
    const onTime = reading({ receivedAt: '2026-03-02T06:22:30.000Z' })
    const late = reading({ receivedAt: '2026-03-02T06:22:30.001Z' })
    const history = reading({ observedAt: '2012-03-01T00:00:00.000Z', receivedAt: '2012-03-01T00:00:00.000Z' })
    const sifted = sift([onTime, late, history], settings)
    expect(sifted.late).toEqual([late])
    expect(sifted.samples.map((sample) => sample.reading)).toEqual([onTime, history])
  })

  it('leaves out readings that say nothing of traffic, and values no road can show', () => {
    const sifted = sift(
      [
        reading({ measures: { temperature: 20 } }),
        reading({ measures: { speed: -1, occupancy: 1.2, count: 1e300 } }),
        reading({ measures: { speed: 501, count: 3 } }),
      ],
      settings,
    )
    expect(sifted.samples).toMatchObject([{ speed: null, count: 3, occupancy: null }])
  })
})
