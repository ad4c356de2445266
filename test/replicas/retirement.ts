import { setTimeout as sleep } from 'node:timers/promises'
import type { Fixture } from '../gateway/fixture.ts'

/** The idle time of the function `f` in these rounds. */
export const RETIREMENT_MS = 15

/**
 * Calls the function `f` again and again at about the moment its replica retires: each round waits a little more or less
 * than the one before. Answers the statuses that were not 200, and how many rounds found no replica any more.
 */
export async function callAtRetirement(
  rounds: number,
  { gateway, starts }: Fixture,
): Promise<{ failed: number[]; retirements: number }> {
  const failed: number[] = []
  const began = starts().length
  let wait = RETIREMENT_MS
  for (let round = 0; round < rounds; round++) {
    const before = starts().length
    const { status } = await fetch(`${gateway.url}/function/f`, { method: 'POST', body: 'x' })
    if (status !== 200) failed.push(status)
    wait = Math.max(0, wait + (starts().length > before ? -1 : 1))
    await sleep(wait)
  }
  return { failed, retirements: starts().length - began }
}
