import { setTimeout as sleep } from 'node:timers/promises'
import type { Fixture } from '../gateway/fixture.ts'

/** The idle time of the function `f` in these rounds. */
export const RETIREMENT_MS = 15

/**
 * Calls the function `f` again and again at about the moment its replica retires: each round waits a little more or less
 * than the one before, until at least one in ten met a replica that had retired, and one in ten a living one. Answers the
 * statuses that were not 200, and how many rounds met which.
 */
export async function callAtRetirement(
  rounds: number,
  { gateway, starts }: Fixture,
): Promise<{ failed: number[]; retired: number; living: number }> {
  const failed: number[] = []
  let [retired, living] = [0, 0]
  let wait = RETIREMENT_MS
  const both = () => Math.min(retired, living) > rounds / 10
  for (let round = 0; round < rounds || (!both() && round < 20 * rounds); round++) {
    const before = starts().length
    const { status } = await fetch(`${gateway.url}/function/f`, { method: 'POST', body: 'x' })
    if (status !== 200) failed.push(status)
    const isNew = starts().length > before
    if (isNew) retired++
    else living++
    wait = Math.max(0, wait + (isNew ? -1 : 1))
    await sleep(wait)
  }
  return { failed, retired, living }
}
