/** What a poll has to know of the page it is on. */
export interface Visibility {
  readonly visibilityState: string
  addEventListener(type: 'visibilitychange', listener: () => void): void
  removeEventListener(type: 'visibilitychange', listener: () => void): void
}

const PATIENCE = 4
/** Somewhat more than three looks. */
const STALE_LOOKS = 3.5

/** What is older than this is stale, at a poll that looks every so often: looks were missed. */
export const staleAfter = (everyMs: number): number => STALE_LOOKS * everyMs

/** A poll under way. */
export interface Poll {
  /** Looks at once, or again as soon as the look under way is over. */
  now(): void
  stop(): void
}

/**
 * Looks at once and then every so often while the page is visible, less often where looking takes long; `look` answers
 * false where there is no use in looking again before somebody asks; `paced` is told how long it waits for the next.
 */
export function pollWhileVisible(
  look: (signal: AbortSignal) => Promise<boolean>,
  page: Visibility,
  everyMs: number,
  paced: (waitMs: number) => void,
): Poll {
  const stopped = new AbortController()
  const { signal } = stopped
  let timer: ReturnType<typeof setTimeout> | undefined
  let looking = false
  let again = false

  const now = async (): Promise<void> => {
    clearTimeout(timer)
    if (looking) again = true
    if (looking || signal.aborted) return
    looking = true
    const begun = performance.now()
    const goOn = await look(signal)
    looking = false
    if (again) {
      again = false
      void now()
      return
    }
    // A city in trouble must not be kept busy by those who watch it.
    const pause = Math.max(everyMs, PATIENCE * (performance.now() - begun))
    if (!goOn || signal.aborted) return
    paced(pause)
    if (page.visibilityState === 'visible') timer = setTimeout(now, pause)
  }
  const onChange = () => {
    if (page.visibilityState === 'visible') void now()
    else clearTimeout(timer)
  }

  page.addEventListener('visibilitychange', onChange)
  void now()
  return {
    now: () => void now(),
    stop() {
      stopped.abort()
      clearTimeout(timer)
      page.removeEventListener('visibilitychange', onChange)
    },
  }
}
