import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { answer, type Bench, consumer, fastTime, finish, openBench, readCall, until } from './harness.ts'

let bench: Bench
beforeEach(async () => {
  bench = await openBench()
})
afterEach(() => bench.end())

describe('the connector', () => {
  it('survives an outage of its database, says it is not ready, and goes on', async () => {
    const connector = bench.start([consumer('f')], (_, request) => finish(bench.database, 'f', request))
    await until(() => connector.status().ready)
    const { rows } = await bench.database.query<{ name: string }>('select current_database() as name')
    const name = rows[0]?.name
    await bench.database.query('alter table log_partition rename to log_partition_away')
    await until(() => connector.status().error?.includes('log_partition') ?? false, 'what is wrong is said')
    expect(connector.status().ready).toBe(false)
    await bench.database.query('alter table log_partition_away rename to log_partition')
    await bench.database
      .query(
        'select pg_terminate_backend(pid, 10000) from pg_stat_activity where datname = $1 and pid <> pg_backend_pid()',
        [name],
      )
      .catch(() => {})
    // The pool learns of each broken connection when it uses it.
    await until(() =>
      bench.database.query('select').then(
        () => true,
        () => false,
      ),
    )
    await bench.append('readings.late', ['a'])
    await until(async () => (await bench.position('f', 'readings.late')) === '1')
    await until(() => connector.status().ready)
  })

  it('stops with no call begun and none cut off', async () => {
    await bench.append('readings.late', ['a', 'b'])
    let release = () => {}
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    let calls = 0
    let finished = 0
    const connector = bench.start([consumer('f', { batch: 1 })], async (_, request) => {
      calls++
      await held
      const answered = await finish(bench.database, 'f', request)
      finished++
      return answered
    })
    await until(() => calls === 1)
    let stopped = false
    const stopping = connector.stop().then(() => {
      stopped = true
    })
    await bench.position('f', 'readings.late')
    expect(stopped).toBe(false)
    release()
    await stopping
    expect({ calls, finished }).toEqual({ calls: 1, finished: 1 })
    expect(await bench.position('f', 'readings.late')).toBe('1')
  })

  it('waits for a stuck call no longer than the ladder allows', async () => {
    await bench.append('readings.late', ['a'])
    // Half of what is demanded is the machine's to be slow.
    const time = fastTime(2, { limits: true })
    let calls = 0
    const connector = bench.start(
      [consumer('f')],
      () => {
        calls++
        return new Promise(() => {})
      },
      { time },
    )
    await until(() => calls === 1)
    const began = time.now()
    await connector.stop()
    expect(time.now() - began).toBeLessThan(30_000)
    expect(await bench.deadLetters()).toEqual([])
  })

  it('refuses a timeout that cannot work', () => {
    expect(() => bench.start([consumer('f', { execTimeoutMs: 0 })], async () => answer(200, ''))).toThrow(
      'function f: exec_timeout is 0 ms',
    )
  })

  it('tells how each partition stands', async () => {
    await bench.append('readings.late', ['a', 'b', 'c'])
    let release = () => {}
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    const connector = bench.start([consumer('f', { batch: 1 })], async (_, request) => {
      if (readCall(request).ids[0] === 'c') await held
      return finish(bench.database, 'f', request)
    })
    await until(() => connector.status().consumers[0]?.partitions[0]?.position === '2')
    await until(() => connector.status().consumers[0]?.inFlight === 1)
    expect(connector.status()).toEqual({
      ready: true,
      consumers: [
        {
          consumer: 'f',
          state: 'running',
          inFlight: 1,
          lag: 1,
          oldestAgeMs: expect.any(Number),
          partitions: [
            {
              topic: 'readings.late',
              partition: 0,
              position: '2',
              end: '3',
              lag: 1,
              oldestAgeMs: expect.any(Number),
              state: 'working',
            },
          ],
          due: [],
        },
      ],
    })
    const metrics = await bench.registry.metrics()
    expect(metrics).toContain('junction_connector_lag_events{consumer="f",topic="readings.late"} 1')
    release()
    await until(() => connector.status().consumers[0]?.partitions[0]?.state === 'idle')
    expect(connector.status().consumers[0]?.partitions[0]?.oldestAgeMs).toBe(0)
  })
})
