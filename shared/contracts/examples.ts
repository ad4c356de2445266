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
  'traffic.forecasts': {
    segment: 'ring-1',
    windowStart: '2026-03-02T07:55:00.000Z',
    madeAt: '2026-03-02T08:01:00.000Z',
    source: 'model',
    model: 'b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c',
    points: [
      {
        minutes: 15,
        windowStart: '2026-03-02T08:10:00.000Z',
        p10Kmh: 18.2,
        p50Kmh: 26.9,
        p90Kmh: 35.1,
        level: 'slow',
      },
    ],
  },
}
