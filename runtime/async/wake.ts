/** Lets a loop sleep until somebody has something for it. */
export interface Wake {
  /** Ends the sleep, or the next one at once. */
  now(): void
  sleep(ms: number): Promise<void>
}

/** Makes a wake for one loop. */
export const createWake = (): Wake => {
  let called = false
  let end: (() => void) | undefined
  return {
    now: () => {
      called = true
      end?.()
    },
    sleep: (ms) =>
      new Promise((resolve) => {
        const done = () => {
          clearTimeout(timer)
          end = undefined
          called = false
          resolve()
        }
        const timer = setTimeout(done, called ? 0 : Math.max(0, Math.min(ms, 2 ** 30)))
        end = done
        if (called) done()
      }),
  }
}
