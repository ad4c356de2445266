import { authError, type FindCaller } from './caller.ts'
import type { Access, Caller } from './define.ts'

/** Rejects, with PermanentError 401 or 403, whoever may not call this path; undefined where nobody needs to look. */
export type CheckAccess = ((path: string, authorization: string | undefined) => Promise<void>) | undefined

type Role = Caller['role']

const RANK: Record<Role, number> = { anonymous: 0, device: 1, operator: 2 }

/** Holds callers against what a function lets whom do. */
export function accessCheck(access: Access = {}, mode: 'dev' | 'keys', findCaller: FindCaller): CheckAccess {
  if (mode === 'dev' || access === 'own') return undefined
  const leastRole = roleOfPath(access)
  return async (path, authorization) => {
    const least = leastRole(path)
    // Also where anybody may: a caller whose token is not known should hear of it.
    const { role } = await findCaller(authorization)
    if (RANK[role] >= RANK[least]) return
    if (role === 'anonymous') throw authError(401, `this is for ${least}s: send a key or token as a bearer token`)
    throw authError(403, `this is for ${least}s`)
  }
}

/** The least role of a path; of two entries the longer one counts. */
export function roleOfPath(access: Record<string, Role>): (path: string) => Role {
  const folders = Object.keys(access)
    .filter((pattern) => pattern.endsWith('/*'))
    .sort((a, b) => b.length - a.length)
  return (path) => {
    if (Object.hasOwn(access, path)) return access[path] as Role
    const folder = folders.find((pattern) => path.startsWith(pattern.slice(0, -1)))
    return folder === undefined ? 'operator' : (access[folder] as Role)
  }
}
