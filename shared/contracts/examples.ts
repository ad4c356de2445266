import type { TopicData, TopicName } from './topics.ts'

/** One event of each topic: what a new function's test begins with. */
export const examples: { [N in TopicName]: TopicData<N> } = {
  readings: {
    device: 'loop-1',
    observedAt: '2026-03-02T07:59:00.000Z',
    measures: { speed: 23.5, count: 12 },
    receivedAt: '2026-03-02T07:59:01.000Z',
    quality: { flags: [], confidence: 1 },
  },
  'readings.late': {
    device: 'loop-1',
    observedAt: '2026-03-02T07:30:00.000Z',
    measures: { speed: 23.5, count: 12 },
    receivedAt: '2026-03-02T07:59:01.000Z',
    quality: { flags: [], confidence: 1 },
  },
  'traffic.states': {
    segment: 'ring-1',
    level: 'slow',
    speedKmh: 23.5,
    freeFlowKmh: 50,
    ratio: 0.47,
    jamFactor: 5.3,
    confidence: 0.9,
    windowStart: '2026-03-02T07:55:00.000Z',
    windowEnd: '2026-03-02T08:00:00.000Z',
    observedAt: '2026-03-02T07:59:00.000Z',
    rev: 1,
    final: false,
  },
}
