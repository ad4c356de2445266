import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import type { InvokeAnswer, InvokeRequest } from '#runtime/connector/types.ts'
import { answer, type Bench, consumer, fastTime, finish, openBench, platform, readCall, until } from './harness.ts'

let bench: Bench
beforeEach(async () => {
  bench = await openBench()
})
afterEach(() => bench.end())

const at = (position: string) => until(async () => (await bench.position('f', 'readings.late')) === position)
const reset = () => Promise.reject(Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' }))

describe('a call that fails as a whole', () => {
  it('is sent once more, then event by event until the culprit shows, then in slices again', async () => {
    await bench.append('readings.late', ['a', 'b', 'poison', 'c', 'd', 'e'])
    const calls: string[] = []
    bench.start([consumer('f')], async (_, request) => {
      const { ids } = readCall(request)
      calls.push(ids.join(' '))
      return ids.includes('poison') ? reset() : finish(bench.database, 'f', request)
    })
    await at('6')
    expect(calls).toEqual(['a b poison c d e', 'a b poison c d e', 'a', 'b', 'poison', 'poison', 'poison', 'c d e'])
    expect(await bench.deadLetters()).toEqual([
      {
        event_id: 'poison',
        reason: 'attempts_exhausted',
        attempts: 3,
        error_class: 'crashed',
        body: Buffer.from('{"n":1}'),
      },
    ])
  })

  it('holds up no other partition', async () => {
    await bench.append('readings', ['poison'], { partition: 0 })
    await bench.append('readings', ['good'], { partition: 1 })
    let crashes = 0
    bench.start([consumer('f', { topics: ['readings'] })], async (_, request) => {
      if (!readCall(request).ids.includes('poison')) return finish(bench.database, 'f', request)
      crashes++
      await until(async () => (await bench.position('f', 'readings', 1)) === '1', 'the other partition')
      return reset()
    })
    await until(async () => (await bench.deadLetters()).length === 1)
    expect(crashes).toBe(3)
  })

  it('comes to an end where the function never answers', async () => {
    await bench.append('readings.late', ['stuck'])
    let calls = 0
    const stuck = (_: string, { signal }: InvokeRequest): Promise<InvokeAnswer> => {
      calls++
      return new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason))
      })
    }
    bench.start([consumer('f')], stuck, { time: fastTime(100, { limits: true }) })
    await until(async () => (await bench.deadLetters()).length === 1)
    expect(calls).toBe(3)
    expect(await bench.deadLetters()).toMatchObject([{ error_class: 'deadline', reason: 'attempts_exhausted' }])
  })
})

describe('an event the function names as failed', () => {
  it('goes out alone until it is done; what lies before it is kept', async () => {
    await bench.append('readings.late', ['a', 'b', 'slow', 'c'])
    const calls: string[] = []
    bench.start([consumer('f')], async (_, request) => {
      const { ids } = readCall(request)
      calls.push(ids.join(' '))
      if (calls.length === 1) {
        await finish(bench.database, 'f', request, '2')
        return answer(200, { next: '2', failed: { reason: 'transient', retryable: true } })
      }
      if (calls.length === 2) return answer(500, { code: 'transient' })
      return finish(bench.database, 'f', request)
    })
    await at('4')
    expect(calls).toEqual(['a b slow c', 'slow', 'slow', 'c'])
    expect(await bench.deadLetters()).toEqual([])
  })

  it.each([
    ['transient', 10],
    ['missing_reference', 3],
    ['unexpected', 3],
  ])('with code %s gets %i attempts', async (code, attempts) => {
    await bench.append('readings.late', ['bad', 'good'])
    bench.start(
      [consumer('f')],
      async (_, request) =>
        readCall(request).ids.includes('bad')
          ? answer(200, { next: '0', failed: { reason: code, retryable: true } })
          : finish(bench.database, 'f', request),
      { time: fastTime(2000) },
    )
    await at('2')
    expect(await bench.deadLetters()).toMatchObject([
      { event_id: 'bad', reason: 'attempts_exhausted', attempts, error_class: code },
    ])
  })

  it('is given up a day after its first counted attempt', async () => {
    await bench.append('readings.late', ['old'])
    const time = fastTime(20)
    let calls = 0
    bench.start(
      [consumer('f')],
      async () => {
        if (++calls === 2) time.advance(25 * 3_600_000)
        return answer(500, { code: 'transient' })
      },
      { time },
    )
    await at('1')
    expect(await bench.deadLetters()).toMatchObject([{ reason: 'too_old', attempts: 2 }])
  })
})

describe('a world that is down', () => {
  it('costs no event an attempt, opens the breaker, and is probed until it is back', async () => {
    await bench.append('readings.late', ['a', 'b', 'c'])
    let down = true
    let calls = 0
    const connector = bench.start([consumer('f')], async (_, request) => {
      calls++
      return down ? platform(502) : finish(bench.database, 'f', request)
    })
    await until(() => connector.status().consumers[0]?.state === 'breaker')
    expect(calls).toBeGreaterThanOrEqual(5)
    await until(() => calls >= 12)
    expect(await bench.deadLetters()).toEqual([])
    expect(await bench.registry.metrics()).toContain('junction_connector_breaker_open{consumer="f"} 1')
    down = false
    await at('3')
    expect(connector.status().consumers[0]?.state).toBe('running')
    expect(await bench.deadLetters()).toEqual([])
  })

  it('for a function that is never ready within the time of a call costs no event an attempt', async () => {
    await bench.append('readings.late', ['a'])
    let calls = 0
    const neverReady = async (_: string, { signal }: InvokeRequest): Promise<InvokeAnswer> => {
      calls++
      return await new Promise<InvokeAnswer>((_, reject) => {
        const error = Object.assign(new Error('no replica of f'), { code: 'NO_REPLICA' })
        signal.addEventListener('abort', () => reject(error))
      })
    }
    const connector = bench.start([consumer('f')], neverReady, { time: fastTime(200, { limits: true }) })
    await until(() => calls > 6, 'seven calls')
    expect(connector.status().consumers[0]).toMatchObject({ state: 'breaker', code: 'unavailable' })
    expect(await bench.deadLetters()).toEqual([])
  })

  it.each<[string, () => Promise<InvokeAnswer>]>([
    ['refused connections', () => Promise.reject(Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }))],
    ['throttling', async () => answer(429, { code: 'throttled' }, { 'retry-after': '1' })],
    ['a database the function cannot reach', async () => answer(500, { code: 'transient', scope: 'world' })],
    [
      'a failed event for the world’s sake',
      async () => answer(200, { next: '0', failed: { reason: 'transient', scope: 'world', retryable: true } }),
    ],
  ])('%s are never counted', async (_, fail) => {
    await bench.append('readings.late', ['a'])
    let calls = 0
    const connector = bench.start(
      [consumer('f')],
      async (_, request) => (++calls <= 12 ? fail() : finish(bench.database, 'f', request)),
      { time: fastTime(200) },
    )
    await until(() => connector.status().consumers[0]?.state === 'breaker')
    await at('1')
    expect(await bench.deadLetters()).toEqual([])
  })
})

describe('a stop', () => {
  it.each<[string, InvokeAnswer]>([
    ['auth', answer(401, { code: 'auth' })],
    ['auth', answer(403, {})],
    ['redirect', answer(302, '')],
    ['configuration', answer(500, { code: 'configuration', detail: 'table segment is missing' })],
  ])('for %s writes no dead letter, says so, and ends by `resume`', async (code, refusal) => {
    await bench.append('readings.late', ['a', 'b'])
    let mended = false
    const sizes: number[] = []
    const connector = bench.start(
      [consumer('f')],
      async (_, request) => {
        sizes.push(readCall(request).ids.length)
        return mended ? finish(bench.database, 'f', request) : refusal
      },
      { time: fastTime(1) },
    )
    await until(() => connector.status().consumers[0]?.state === 'stop')
    expect(connector.status().consumers[0]).toMatchObject({ code })
    expect(bench.lines.filter((line) => String(line.msg).includes('junction resume f'))).toHaveLength(1)
    expect(await bench.registry.metrics()).toContain('junction_connector_stopped{consumer="f"} 1')
    mended = true
    expect(connector.resume('nobody')).toBe(false)
    expect(connector.resume('f')).toBe(true)
    await at('2')
    // Refused once, then one event as a probe, then slices.
    expect(sizes).toEqual([2, 1, 1])
    expect(await bench.deadLetters()).toEqual([])
  })

  it('for a function that is not there comes after 30 s, and ends by itself when a probe gets through', async () => {
    await bench.append('readings.late', ['a'])
    const time = fastTime(1)
    let deployed = false
    const connector = bench.start(
      [consumer('f')],
      async (_, request) => (deployed ? finish(bench.database, 'f', request) : platform(404)),
      { time },
    )
    await until(() =>
      bench.registry.getSingleMetricAsString('junction_connector_calls_total').then((text) => text.includes('missing')),
    )
    expect(connector.status().consumers[0]?.state).toBe('running')
    time.advance(30_000)
    await until(() => connector.status().consumers[0]?.state === 'stop')
    deployed = true
    time.advance(30_000)
    await at('1')
    await until(() => connector.status().consumers[0]?.state === 'running')
    expect(await bench.deadLetters()).toEqual([])
  })
})
