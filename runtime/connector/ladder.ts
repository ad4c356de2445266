/** How long each layer waits, in milliseconds: each longer than the one it calls, so the innermost answers first. */
export interface Ladder {
  statement: number
  handler: number
  gateway: number
  attempt: number
  drain: number
  groupExpiry: number
  grace: number
}

const LADDER: Ladder = {
  statement: 5_000,
  handler: 10_000,
  gateway: 12_000,
  attempt: 15_000,
  drain: 20_000,
  groupExpiry: 45_000,
  grace: 60_000,
}

/** The ladder for a function's `exec_timeout`: stretched in proportion where that is longer than 10 s. */
function ladderFor(execTimeoutMs: number): Ladder {
  const factor = Math.max(1, execTimeoutMs / LADDER.handler)
  const stretched = Object.entries(LADDER).map(([step, ms]) => [step, ms * factor])
  return { ...(Object.fromEntries(stretched) as unknown as Ladder), handler: execTimeoutMs }
}

/** Throws where a layer would give up before the one below it has answered. */
export function checkLadder(functionName: string, execTimeoutMs: number): Ladder {
  if (!(execTimeoutMs > 0 && Number.isFinite(execTimeoutMs))) {
    throw new Error(`function ${functionName}: exec_timeout is ${execTimeoutMs} ms; give a duration above 0, like 10s`)
  }
  const ladder = ladderFor(execTimeoutMs)
  const { statement: _, ...waiting } = ladder
  const steps = Object.entries(waiting)
  for (const [i, [step, ms]] of steps.entries()) {
    const [above, longer] = steps[i + 1] ?? [step, Number.POSITIVE_INFINITY]
    if (ms >= longer) {
      throw new Error(`function ${functionName}: ${step} (${ms} ms) must be shorter than ${above} (${longer} ms)`)
    }
  }
  return ladder
}
