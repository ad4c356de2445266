import { backoffMs } from './retry.ts'
import type { Time } from './types.ts'

/** The pulse of the connector: looks at the log again and again, often only while something moves. */
export interface Poll {
  /** Ends the loop; resolves when the last look is over. */
  stop(): Promise<void>
}

/** What the pulse drives. */
export interface PollOptions {
  /** Looks at everything once; true if something moved. */
  look(): Promise<boolean>
  /** Starts what may start; answers when to be called again at the latest (`Time.now`). */
  kick(): number
  /** A look failed: the connector's own database is down. */
  onFault(error: unknown): void
  onLooked(): void
  time: Time
}

const BUSY_MS = 25
const IDLE_MS = 250
// What was away is found within so long after it is back.
const LONGEST_PAUSE_MS = 2_000
const BUSY_FOR_MS = 1000
const PATIENCE_MS = 15_000

/** Starts the pulse: every 25 ms while something moved in the last second, else every 250 ms. */
export function startPoll({ look, kick, onFault, onLooked, time }: PollOptions): Poll {
  const stopping = new AbortController()
  let movedAt = Number.NEGATIVE_INFINITY
  let faults = 0

  /** A look that hangs is a fault as any other, and is made anew. */
  async function boundedLook(): Promise<boolean> {
    const over = new AbortController()
    const late = time.sleep(PATIENCE_MS, over.signal).then(() => {
      if (over.signal.aborted) return false
      kick()
      throw new Error(`a look at the log has had no answer for ${PATIENCE_MS / 1000} s`)
    })
    try {
      return await Promise.race([look(), late])
    } finally {
      over.abort()
    }
  }

  async function once(): Promise<number> {
    const began = time.now()
    try {
      if (await boundedLook()) movedAt = began
      faults = 0
      onLooked()
    } catch (error) {
      onFault(error)
      return Math.max(IDLE_MS, Math.min(LONGEST_PAUSE_MS, backoffMs(faults++, time.random())))
    }
    const wanted = kick()
    const beat = began - movedAt < BUSY_FOR_MS ? BUSY_MS : IDLE_MS
    return Math.max(1, Math.min(beat, wanted - time.now()))
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) await time.sleep(await once(), stopping.signal)
  }

  const running = run()
  return {
    async stop() {
      stopping.abort()
      await running
    },
  }
}
