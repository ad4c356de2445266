/** Whether a pool's replicas get ready at all: told of each start and end, it answers once. */
export interface Trial {
  ready(): void
  ended(reason: string): void
  /** One was killed because its time to get ready was over. */
  late(): void
  /** One runs, but says of itself that it takes no calls. */
  unready(why: string): void
  stopped(): void
  /** Resolves with nothing once a replica is ready, else with why none is to be expected. */
  outcome: Promise<string | undefined>
}

/** So many ends before the first readiness are no accident. */
const ENDS = 3

/** Begins a trial. */
export const createTrial = (startMs: number): Trial => {
  let ends = 0
  let settle: (fault: string | undefined) => void = () => {}
  const outcome = new Promise<string | undefined>((resolve) => {
    settle = resolve
  })
  return {
    ready: () => settle(undefined),
    ended(reason) {
      if (++ends >= ENDS) settle(`it ended ${ENDS} times before it was ready (${reason})`)
    },
    late: () => settle(`it was not ready within ${startMs / 1000} s`),
    unready: (why) => settle(`it was never ready: ${why}`),
    stopped: () => settle('it was stopped before it was ready'),
    outcome,
  }
}
