import { pointerStep } from '#shared/contracts/problem.ts'
import type { Caller } from '#shared/function/define.ts'
import { Refused } from './refused.ts'

/**
 * Whether the request gives history as such: `?history=true`, which only an operator may.
 * @throws Refused 400 or 403
 */
export const historyOf = (url: string, caller: Caller): boolean => {
  if (!url.includes('?')) return false
  const query = new URL(url).searchParams
  for (const name of query.keys())
    if (name !== 'history')
      throw new Refused(400, 'invalid', 'the query is not valid', [
        { path: pointerStep(name), message: 'is no known parameter; there is only history' },
      ])
  const [history, ...more] = query.getAll('history')
  if (history === undefined || (history === 'false' && more.length === 0)) return false
  if (history !== 'true' || more.length > 0)
    throw new Refused(400, 'invalid', 'the query is not valid', [
      { path: '/history', message: 'must be true or false' },
    ])
  if (caller.role !== 'operator') throw new Refused(403, 'auth', 'history needs the token of an operator')
  return true
}
