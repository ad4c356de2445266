import { type DeviceKey, findDeviceKeys } from '#shared/state/device-key.ts'
import type { Sql } from '#shared/state/sql.ts'
import type { FindKey } from './caller.ts'

/** A key is asked for again after this: so long a revoked one is still let in. */
const LIFE_MS = 5_000
const MOST_KEPT = 10_000

interface Kept {
  key: DeviceKey | undefined
  until: number
}

/**
 * Finds keys by prefix and keeps for a few seconds what was found, and what was not. One query goes on at a time, and all
 * that is asked for meanwhile goes into the next: a flood of keys that nobody has costs no query each.
 */
export function keyCache(sql: Sql, now: () => number = () => performance.now()): FindKey {
  // Apart, so that prefixes made up by somebody push no real key out.
  const known = new Map<string, Kept>()
  const unknown = new Map<string, Kept>()
  let running: Promise<unknown> = Promise.resolve()
  let next: { prefixes: Set<string>; found: Promise<Map<string, DeviceKey>> } | undefined

  const keep = (prefix: string, key: DeviceKey | undefined, until: number) => {
    const [mine, other] = key ? [known, unknown] : [unknown, known]
    other.delete(prefix)
    mine.delete(prefix)
    mine.set(prefix, { key, until })
    const oldest = mine.size > MOST_KEPT ? mine.keys().next().value : undefined
    if (oldest !== undefined) mine.delete(oldest)
  }
  const query = async (prefixes: Set<string>) => {
    // From before the query: what is revoked while it runs must not live longer.
    const until = now() + LIFE_MS
    const rows = await findDeviceKeys(sql, [...prefixes])
    const found = new Map(rows.map((key) => [key.prefix, key]))
    for (const prefix of prefixes) keep(prefix, found.get(prefix), until)
    return found
  }
  const begin = () => {
    const prefixes = new Set<string>()
    const found = running.then(() => {
      next = undefined
      return query(prefixes)
    })
    running = found.catch(() => {})
    return { prefixes, found }
  }

  return async (prefix) => {
    const kept = known.get(prefix) ?? unknown.get(prefix)
    if (kept && kept.until > now()) return kept.key
    next ??= begin()
    next.prefixes.add(prefix)
    return (await next.found).get(prefix)
  }
}
