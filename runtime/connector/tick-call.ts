import type { Database } from '#shared/state/database.ts'
import type { Caller } from './caller.ts'
import { childTrace, headerValue } from './encode.ts'
import type { FunctionSpec } from './types.ts'
import { judgeSingle, type Verdict } from './verdict.ts'

/** Which clock call is made; both are CloudEvents in binary mode. */
export type TickKind = 'alarm' | 'schedule'

/** Calls a function of Junction's for an instant; its unit of work takes the alarm's row or moves `schedule.last`. */
export function tickCall(kind: TickKind, spec: FunctionSpec, token: string, call: Caller) {
  return async (plannedAt: Date): Promise<Verdict> => {
    const headers = {
      authorization: `Bearer ${token}`,
      'junction-deadline-ms': String(spec.execTimeoutMs),
    }
    return send(kind, spec, call, plannedAt, headers)
  }
}

/** Calls a foreign function for a tick of its schedule; the connector moves `schedule.last` itself, after any 2xx. */
export function foreignTickCall(spec: FunctionSpec, call: Caller, database: Database) {
  // Called well, but not yet written down: it is not called again.
  let unmoved: { at: number; verdict: Verdict } | undefined
  return async (plannedAt: Date): Promise<Verdict> => {
    const at = plannedAt.getTime()
    const verdict =
      unmoved?.at === at
        ? unmoved.verdict
        : await send('schedule', spec, call, plannedAt, { 'x-topic': 'cron-function' })
    if (verdict.kind === 'done') {
      unmoved = { at, verdict }
      await database.query('update schedule set last = $3 where consumer = $1 and name = $2 and last < $3', [
        spec.name,
        'schedule',
        plannedAt,
      ])
      unmoved = undefined
    }
    return verdict
  }
}

async function send(
  kind: TickKind,
  spec: FunctionSpec,
  call: Caller,
  plannedAt: Date,
  headers: Record<string, string>,
): Promise<Verdict> {
  const planned = plannedAt.toISOString()
  const outcome = await call(
    {
      ...headers,
      'content-type': 'application/json',
      'ce-specversion': '1.0',
      'ce-id': headerValue(`${spec.name}/${kind}@${planned}`),
      'ce-source': '/junction/connector',
      'ce-type': `city.junction.${kind}.v1`,
      'ce-time': planned,
      traceparent: childTrace(undefined),
    },
    Buffer.from(JSON.stringify({ name: kind, plannedAt: planned })),
  )
  return judgeSingle(outcome, { first: 0n, next: 1n })
}
