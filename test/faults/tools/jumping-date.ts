const HOUR_MS = 3_600_000

/** The clock of this process, as JavaScript sees it, put forward and back; what runs by the monotonic clock is not touched. */
export interface JumpingDate {
  jump(hours: number): void
  restore(): void
}

/** Puts another Date in the place of the global one until `restore`. */
export function jumpingDate(): JumpingDate {
  const Real = globalThis.Date
  let offset = 0
  class Jumped extends Real {
    constructor(...args: unknown[]) {
      if (args.length === 0) super(Real.now() + offset)
      else super(...(args as [number]))
    }
    static override now = () => Real.now() + offset
  }
  globalThis.Date = Jumped as DateConstructor
  return {
    jump: (hours) => {
      offset += hours * HOUR_MS
    },
    restore: () => {
      globalThis.Date = Real
    },
  }
}
