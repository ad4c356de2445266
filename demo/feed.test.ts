import { describe, expect, it } from '@jest/globals'
import type { DatasetStep, RawReading } from '#shared/dataset/dataset.ts'
import { runFeed } from './feed.ts'

const minute = (n: number) => new Date(Date.UTC(2024, 0, 1, 8, n))
const reading = (device: string, at: Date): RawReading => ({
  device,
  observedAt: at.toISOString(),
  location: { type: 'Point', coordinates: [16, 48] },
  measures: { speed: 50 },
})
async function* stepsOf(minutes: number[], devices = 1): AsyncGenerator<DatasetStep> {
  for (const n of minutes) {
    const readings = Array.from({ length: devices }, (_, d) => reading(`d${d}`, minute(n)))
    yield { at: minute(n), readings }
  }
}
/** A minute of city time passes in 60 ms. */
const clockFrom = (start: Date, speed = 1_000) => {
  const began = performance.now()
  return { speed, now: () => new Date(start.getTime() + (performance.now() - began) * speed) }
}
const accept = async (readings: RawReading[]) => ({ accepted: readings.length, refused: 0, retries: 0 })

describe('runFeed', () => {
  it('posts nothing before city time has reached it', async () => {
    const clock = clockFrom(minute(0))
    const early: string[] = []
    const end = await runFeed({
      steps: stepsOf([1, 3, 5]),
      clock,
      post: async (readings) => {
        const now = clock.now().toISOString()
        early.push(...readings.map((r) => r.observedAt).filter((at) => at > now))
        return accept(readings)
      },
      signal: new AbortController().signal,
    })
    expect(early).toEqual([])
    expect(end).toMatchObject({ accepted: 3, refused: 0, skipped: 0, at: minute(5) })
  })

  it('leaves out what lies far behind the clock, and catches up on the rest in batches of several steps', async () => {
    const sizes: number[] = []
    const minutes = Array.from({ length: 60 }, (_, n) => n)
    const end = await runFeed({
      steps: stepsOf(minutes, 100),
      clock: { now: () => minute(59), speed: 1 },
      post: async (readings) => {
        sizes.push(readings.length)
        return accept(readings)
      },
      signal: new AbortController().signal,
    })
    expect(end).toMatchObject({ skipped: 49, accepted: 1100 })
    expect(Math.max(...sizes)).toBe(250)
  })

  it('posts all of a span step by step, however far behind the clock, as received when it was due', async () => {
    const posted: [string, number][] = []
    const end = await runFeed({
      steps: stepsOf([0, 1, 2, 30, 58, 59], 300),
      clock: { now: () => minute(59), speed: 1 },
      span: { from: minute(1), to: minute(59) },
      post: async (readings, _signal, received) => {
        posted.push([received?.toISOString() ?? 'now', readings.length])
        return accept(readings)
      },
      signal: new AbortController().signal,
    })
    expect(posted).toEqual(
      [1, 2, 30, 58].flatMap((n) => [
        [minute(n).toISOString(), 250],
        [minute(n).toISOString(), 50],
      ]),
    )
    expect(end).toMatchObject({ accepted: 1200, skipped: 1, at: minute(58) })
  })

  it('counts what was refused and keeps the first reason', async () => {
    const end = await runFeed({
      steps: stepsOf([0], 2),
      clock: { now: () => minute(0), speed: 1 },
      post: async () => ({ accepted: 1, refused: 1, retries: 2, firstRefusal: 'no such unit' }),
      signal: new AbortController().signal,
    })
    expect(end).toMatchObject({ accepted: 1, refused: 1, retries: 2, firstRefusal: 'no such unit' })
  })

  it('ends when aborted, and throws what the front door throws', async () => {
    const stop = new AbortController()
    const waiting = runFeed({
      steps: stepsOf([30]),
      clock: { now: () => minute(0), speed: 1 },
      post: accept,
      signal: stop.signal,
    })
    stop.abort()
    expect(await waiting).toMatchObject({ accepted: 0, at: undefined })
    const broken = runFeed({
      steps: stepsOf([0]),
      clock: { now: () => minute(0), speed: 1 },
      post: async () => Promise.reject(new Error('401')),
      signal: new AbortController().signal,
    })
    await expect(broken).rejects.toThrow('401')
  })
})
