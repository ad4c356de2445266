import { bearerOf, sameSecret } from '#shared/secret.ts'
import { type Callback, CallbackRefused, readCallback } from '../../async/callback-url.ts'
import type { AsyncCalls } from '../../async/open.ts'
import type { ReplicaPools } from '../../replicas/pools.ts'
import { unknownFunction } from '../forward.ts'
import type { GatewayAuth } from '../guard.ts'
import { requestHeaders } from '../headers.ts'
import { type HoldsOwnSecret, withoutOwnSecrets } from '../own-secrets.ts'
import { type Problem, Refused } from '../problem.ts'
import { readTarget } from '../target.ts'
import { type Answer, type Asked, READ, type Route } from './route.ts'

/** Where calls for later are left. */
export interface Later {
  /** Undefined until the queues are open. */
  calls(): Pick<AsyncCalls, 'submit' | 'status' | 'cancel'> | undefined
  /** Hosts that anybody may have called back. */
  callbackHosts: string[]
}

/** What the routes of calls for later work on. */
export interface AsyncRoutes {
  pools: Pick<ReplicaPools, 'get'>
  auth: GatewayAuth
  connectorKey: Buffer
  holdsOwnSecret: HoldsOwnSecret
  later: Later | undefined
}

/** What can be asked for again by its URL. */
const CALL_ID = /^[A-Za-z0-9][\w.:~-]{0,127}$/
/** The gateway's own marks, and what is for the gateway alone. */
const NOT_KEPT = ['x-callback-url', 'x-call-id', 'x-start-time', 'x-retry', 'x-retry-max']
/** What the wrapper of a function answers to probes and Prometheus. */
const WRAPPER = /^\/(?:metrics|_\/[^?]*)(?:\?|$)/

/** `/async-function/…` and what became of the calls left there. */
export const asyncRoutes = ({ pools, auth, connectorKey, holdsOwnSecret, later }: AsyncRoutes): Route[] => {
  const queues = () => {
    if (!later) throw refused(404, 'not_found', 'this gateway keeps no queue of calls')
    const calls = later.calls()
    if (!calls) throw new Refused({ ...starting, retryable: true, retryAfterSeconds: 1 })
    return { calls, callbackHosts: later.callbackHosts }
  }

  const submit = async ({ request, callId, body }: Asked): Promise<Answer> => {
    const { calls, callbackHosts } = queues()
    const target = readTarget((request.url as string).replace(/^\/async-function/, '/function'))
    if (target.kind !== 'function') throw refused(404, 'not_found', 'no function has this name')
    const { key, path } = target
    const pool = pools.get(key)
    if (!pool) throw new Refused(unknownFunction(key))
    if (WRAPPER.test(path)) throw refused(400, 'invalid', 'probes and metrics are answered at once, and not for later')
    if (!CALL_ID.test(callId))
      throw refused(
        400,
        'invalid',
        'X-Call-Id must have 1 to 128 letters, digits or . : ~ _ -, a letter or digit first',
      )
    const given = request.headers['x-callback-url']
    const callback =
      given === undefined
        ? undefined
        : callbackOf(String(given), request.headers.host, isTrusted(request), callbackHosts)
    const marks = { callId, madeCallId: false, startTime: '' }
    const asked = withoutOwn(requestHeaders(request, marks, connectorKey))
    // What allowed a host to be called back has done its duty, and need not lie in the database.
    const tokenIsDone = auth.mode === 'keys' && callback?.byTrust
    const headers = pool.foreign || tokenIsDone ? withoutOwnSecrets(asked, holdsOwnSecret) : asked
    await calls.submit({ callId, function: key, path, headers, body, callbackUrl: callback?.url })
    return { status: 202, headers: { 'x-call-id': callId } }
  }

  const isTrusted = ({ headers }: Asked['request']): boolean =>
    auth.mode === 'dev' || sameSecret(bearerOf(headers.authorization) ?? '', auth.operatorToken)

  const cancel = async ({ parameter: callId }: Asked): Promise<Answer> => {
    const found = await queues().calls.cancel(callId)
    if (found === 'unknown') throw refused(404, 'not_found', 'no call of this id is known')
    if (found === 'finished') throw refused(409, 'finished', 'the call is finished')
    return { status: 202 }
  }

  const status = async ({ parameter: callId }: Asked): Promise<Answer> => {
    const found = await queues().calls.status(callId)
    if (!found) throw refused(404, 'not_found', 'no call of this id is known: finished ones are forgotten after a day')
    return { status: 200, json: found }
  }

  const label = '/async-function'
  return [
    { methods: ['POST'], pattern: /^\/async-function\/([^/]+)$/, label, answer: submit },
    { methods: ['POST'], pattern: /^\/async-function\/([^/]+)\/.*$/, label, answer: submit },
    { methods: ['DELETE'], pattern: /^\/async-function\/([^/]+)$/, label, answer: cancel },
    { methods: READ, pattern: /^\/_local\/invocations\/([^/]+)$/, label: '/_local/invocations', answer: status },
  ]
}

const callbackOf = (text: string, ownHost: string | undefined, trusted: boolean, allowed: string[]): Callback => {
  try {
    return readCallback(text, { trusted, ownHost, allowed })
  } catch (error) {
    if (!(error instanceof CallbackRefused)) throw error
    throw refused(error.status, error.status === 400 ? 'invalid' : 'callback', error.message)
  }
}

const withoutOwn = (flat: string[]): string[] => {
  const kept: string[] = []
  for (let i = 0; i < flat.length; i += 2)
    if (!NOT_KEPT.includes((flat[i] as string).toLowerCase())) kept.push(flat[i] as string, flat[i + 1] as string)
  return kept
}

const TITLES: Record<number, string> = { 400: 'Bad Request', 403: 'Forbidden', 404: 'Not found', 409: 'Conflict' }

const refused = (status: number, code: string, detail: string): Refused =>
  new Refused({ status, title: TITLES[status] as string, detail, code })

const starting: Problem = {
  ...{ status: 503, title: 'Service Unavailable', code: 'unavailable' },
  detail: 'the queues are still being opened',
}
