import { afterEach, beforeEach, expect, it } from '@jest/globals'
import { openLeases } from '#shared/bus/lease.ts'
import type { Bus } from '#shared/bus/port.ts'
import { postgresBus } from '#shared/bus/postgres.ts'
import { type Bench, consumer, finish, openBench, readCall, until } from './harness.ts'

let bench: Bench
beforeEach(async () => {
  bench = await openBench()
})
afterEach(() => bench.end())

/** A log that says, as Kafka's may, that nothing lies at offsets 1 and 2; with the positions it is told of. */
function holed(): { bus: Bus; passed: bigint[] } {
  const leases = openLeases(bench.database, { holder: 'holed', expiryMs: 2_000, lookMs: 20 })
  const real = postgresBus(bench.database, leases)
  const passed: bigint[] = []
  return {
    passed,
    bus: {
      ...real,
      async assign(...args) {
        const assignment = await real.assign(...args)
        return {
          ...assignment,
          read: async (from, limits) =>
            from.offset >= 1n && from.offset < 3n
              ? { events: [], next: 3n }
              : assignment.read(from, { ...limits, events: 1 }),
          passed: (_partition, next) => void passed.push(next),
        }
      },
    },
  }
}

it('goes past a hole without a call, and tells the bus how far it is', async () => {
  await bench.append('readings.late', ['a', 'gone-1', 'gone-2'])
  const { bus, passed } = holed()
  const seen: string[] = []
  const connector = bench.start(
    [consumer('f')],
    async (_, request) => {
      seen.push(...readCall(request).ids)
      return finish(bench.database, 'f', request)
    },
    { bus },
  )
  await until(async () => (await bench.position('f', 'readings.late')) === '3', 'the position behind the hole')
  await until(() => connector.status().consumers[0]?.lag === 0, 'no lag')
  await bench.append('readings.late', ['b'])
  await until(async () => (await bench.position('f', 'readings.late')) === '4', 'what comes after')
  await until(() => passed.length === 4, 'the bus is told')
  expect(seen).toEqual(['a', 'b'])
  expect(passed).toEqual([0n, 1n, 3n, 4n])
})
