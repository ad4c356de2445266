import { setTimeout as delay } from 'node:timers/promises'
import { until } from '../e2e/runtime.ts'
import type { World } from './bench.ts'
import { processGroups } from './usage.ts'

/** So that what the last replica left behind does not disturb the next start. */
const PAUSE_MS = 200

/** Milliseconds that some work takes. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now()
  await work()
  return performance.now() - began
}

/** Milliseconds from a call of a function that has no process to its answer. */
export async function wakeOnce(
  { url, pid }: World,
  { name, body, status }: { name: string; body: string; status: number },
): Promise<number> {
  await fetch(`${url}/system/scale-function/${name}`, {
    method: 'POST',
    body: JSON.stringify({ serviceName: name, replicas: 0 }),
  })
  await until('the function has no process', async () => !processGroups(pid).has(name))
  await delay(PAUSE_MS)
  return timed(async () => {
    const headers = { 'content-type': 'application/json' }
    const answer = await fetch(`${url}/function/${name}`, { method: 'POST', headers, body })
    if (answer.status !== status) throw new Error(`the woken function answered ${answer.status}`)
    await answer.arrayBuffer()
  })
}
