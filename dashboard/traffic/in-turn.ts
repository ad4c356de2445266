/** A job that never runs twice at a time. */
export interface InTurn {
  running(): boolean
  /** Runs it, unless it runs already. */
  join(): void
  /** Runs it from its beginning: once more after a run that is under way. */
  anew(): void
}

/** Makes a job, which never throws, run in turn; `over` is called when no run is left. */
export function inTurn(job: () => Promise<void>, over: () => void): InTurn {
  let running = false
  let again = false
  const run = async () => {
    running = true
    do {
      again = false
      await job()
    } while (again)
    running = false
    over()
  }
  return {
    running: () => running,
    join() {
      if (!running) void run()
    },
    anew() {
      if (running) again = true
      else void run()
    },
  }
}
