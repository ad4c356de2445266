/** Callers that come while the work is under way get its result. */
export const joined = <T>(work: () => Promise<T>): (() => Promise<T>) => {
  let current: Promise<T> | undefined
  return () => {
    current ??= work().finally(() => {
      current = undefined
    })
    return current
  }
}
