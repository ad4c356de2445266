/** Runs a step of the start and prints what came of it with the time it took. */
export type Step = <T>(name: string, work: () => Promise<T>, detail?: (result: T) => string) => Promise<T>

/** Steps that print through `print`, one line each. */
export const printSteps =
  (print: (line: string) => void): Step =>
  async (name, work, detail) => {
    const began = performance.now()
    const result = await work()
    const took = `${Math.round(performance.now() - began)} ms`
    print(`  ${name.padEnd(14)} ${took.padStart(8)}  ${detail?.(result) ?? ''}`.trimEnd())
    return result
  }

/** What was started, stopped in the opposite order. */
export interface Stops {
  add(name: string, stop: () => unknown): void
  /** Stops everything once, even where one fails; says which. */
  run(): Promise<void>
}

/** Collects how to stop what has been started. */
export const collectStops = (onError: (name: string, error: Error) => void): Stops => {
  const stops: { name: string; stop: () => unknown }[] = []
  let running: Promise<void> | undefined
  const stopAll = async () => {
    for (const { name, stop } of stops.toReversed()) {
      try {
        await stop()
      } catch (error) {
        onError(name, error as Error)
      }
    }
  }
  return {
    add: (name, stop) => stops.push({ name, stop }),
    run: () => {
      running ??= stopAll()
      return running
    },
  }
}
