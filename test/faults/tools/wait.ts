import { until } from '#test/e2e/runtime.ts'
import { lag } from './count.ts'
import type { Site } from './site.ts'
import type { Town } from './town.ts'

/** Waits until a consumer of `readings` has everything behind it. */
export const atEnds = (site: Site, consumer = 'unruly', patienceMs?: number): Promise<void> =>
  until(`${consumer} stands at the ends of the log`, async () => (await lag(site.database, consumer)) === 0, patienceMs)

/** Waits for a pause of a consumer, and answers how long it took in milliseconds. */
export async function untilPaused(
  connector: ReturnType<Town['connect']>,
  kind: 'breaker' | 'stop',
  consumer = 'unruly',
): Promise<number> {
  const began = performance.now()
  const paused = () => connector.status().consumers.some((one) => one.consumer === consumer && one.state === kind)
  await until(`${consumer} is paused (${kind})`, async () => paused())
  return performance.now() - began
}
