import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { cityUrl, gatewayUrl } from '../service.ts'
import { type Filter, type OperatorClient, operatorClient } from './client.ts'
import { type Poll, pollWhileVisible } from './poll.ts'
import { keepToken, readToken } from './session.ts'
import { afterLook, EMPTY, lookAround, type Snapshot } from './snapshot.ts'

const EVERY_MS = 2_000
const FIRST_FILTER: Filter = { consumer: undefined, reason: undefined, letters: 50, state: undefined, sensors: 50 }

/** What the view shows and does. */
export interface Operator {
  snapshot: Snapshot
  /** How long it waits before it looks again, as of the last look. */
  everyMs: number
  filter: Filter
  setFilter(change: Partial<Filter>): void
  client: OperatorClient
  /** Looks at once, after something was done. */
  refresh(): void
  signedIn: boolean
  signIn(token: string): void
  signOut(): void
}

/** Follows the runtime and the sensors while the page is visible. */
export function useOperator(): Operator {
  // A token given once more is asked with once more.
  const [session, setSession] = useState(() => ({ token: readToken() }))
  const [filter, changeFilter] = useState(FIRST_FILTER)
  const [snapshot, setSnapshot] = useState(EMPTY)
  const [everyMs, setEveryMs] = useState(EVERY_MS)
  const poll = useRef<Poll>(undefined)
  const client = useMemo(
    () => operatorClient({ gatewayUrl, cityUrl, fetch: (...request) => fetch(...request), token: session.token }),
    [session],
  )

  useEffect(() => {
    const look = async (signal: AbortSignal): Promise<boolean> => {
      const seen = await lookAround(client, filter, signal)
      if (signal.aborted) return false
      const next = afterLook(EMPTY, seen, 0)
      setSnapshot((before) => afterLook(before, seen, Date.now()))
      // Asking on with a wrong token would only lock this address out.
      return next.locked === undefined
    }
    const following = pollWhileVisible(look, document, EVERY_MS, setEveryMs)
    poll.current = following
    return following.stop
  }, [client, filter])

  const use = useCallback((given: string | undefined) => {
    keepToken(given)
    setSnapshot(EMPTY)
    setSession({ token: given })
  }, [])
  return {
    snapshot,
    everyMs,
    filter,
    setFilter: useCallback((change) => changeFilter((before) => ({ ...before, ...change })), []),
    client,
    refresh: useCallback(() => poll.current?.now(), []),
    signedIn: session.token !== undefined,
    signIn: use,
    signOut: useCallback(() => use(undefined), [use]),
  }
}
