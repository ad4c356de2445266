import { useEffect, useState } from 'react'
import { afterRead, type Known, UNREAD } from './known.ts'

const TRY_AGAIN_MS = 5000

/** Reads whenever `read`, which has to be memoised, is another one, and again after a failure; undefined reads nothing. */
export function useRead<T>(read: ((signal: AbortSignal) => Promise<T>) | undefined): Known<T> {
  const [known, setKnown] = useState<Known<T>>(UNREAD)
  const [failures, setFailures] = useState(0)

  // biome-ignore lint/correctness/useExhaustiveDependencies: a failure is what makes it read again
  useEffect(() => {
    if (read === undefined) return
    const stop = new AbortController()
    let timer: ReturnType<typeof setTimeout> | undefined
    read(stop.signal).then(
      (value) => {
        if (!stop.signal.aborted) setKnown((before) => afterRead(before, value))
      },
      () => {
        if (stop.signal.aborted) return
        setKnown((before) => afterRead(before, undefined))
        timer = setTimeout(() => setFailures((count) => count + 1), TRY_AGAIN_MS)
      },
    )
    return () => {
      stop.abort()
      clearTimeout(timer)
    }
  }, [read, failures])
  return known
}
