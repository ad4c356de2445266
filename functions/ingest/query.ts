import { parseInstant } from '#shared/contracts/instant.ts'
import { pointerStep } from '#shared/contracts/problem.ts'
import type { Caller } from '#shared/function/define.ts'
import { Refused } from './refused.ts'

/** When readings count as received: as history when they were observed, else at an instant an operator gives, or now. */
export interface Reception {
  historical: boolean
  /** Epoch milliseconds; undefined is now. */
  received: number | undefined
}

const KNOWN = ['history', 'received']

const refuse = (path: string, message: string): never => {
  throw new Refused(400, 'invalid', 'the query is not valid', [{ path, message }])
}

/**
 * What the request says of the reception: `?history=true`, or `?received=<instant>` of a gateway or a replay that took the
 * readings in before; only an operator may say so.
 * @throws Refused 400 or 403
 */
export const receptionOf = (url: string, caller: Caller): Reception => {
  if (!url.includes('?')) return { historical: false, received: undefined }
  const query = new URL(url).searchParams
  for (const name of query.keys()) {
    if (!KNOWN.includes(name)) refuse(pointerStep(name), `is no known parameter; there are ${KNOWN.join(' and ')}`)
    if (query.getAll(name).length > 1) refuse(`/${name}`, 'stands there twice')
  }
  const [history = 'false', instant] = [query.get('history') ?? undefined, query.get('received') ?? undefined]
  if (history !== 'true' && history !== 'false') refuse('/history', 'must be true or false')
  const historical = history === 'true'
  const received = instant === undefined ? undefined : parseInstant(instant)
  if (instant !== undefined && received === undefined)
    refuse('/received', 'is not a date and time with a zone, like 2012-03-01T00:00:00-08:00')
  if (historical && received !== undefined)
    refuse('/received', 'goes not with history, which counts as received at once')
  if ((historical || received !== undefined) && caller.role !== 'operator')
    throw new Refused(403, 'auth', `${historical ? 'history' : 'received'} needs the token of an operator`)
  return { historical, received }
}
