/** Wakes who waits for something to change. */
export interface Bell {
  ring(): void
  /** Resolves at the next ring, or after so long. */
  wait(ms: number): Promise<void>
}

/** A bell that nobody waits for yet. */
export function createBell(): Bell {
  let waiting: (() => void)[] = []
  return {
    ring() {
      const woken = waiting
      waiting = []
      for (const wake of woken) wake()
    },
    wait: (ms) =>
      new Promise((resolve) => {
        const timer = setTimeout(resolve, ms)
        waiting.push(() => {
          clearTimeout(timer)
          resolve()
        })
      }),
  }
}
