import { join, resolve } from 'node:path'
import { readSecret } from '#shared/config.ts'
import { type Database, openDatabase } from '#shared/state/database.ts'
import { problemLine } from '../problem-line.ts'
import { type RuntimeFile, readRuntimeFile } from '../up/runtime-file.ts'
import { UserError } from '../user-error.ts'

/** What a command works on: a gateway and the database of what is deployed there. */
export interface Reached {
  /** Throws UserError where there is none. */
  secret(name: string): string
  /** Calls the gateway, what is the operator's as its operator; throws UserError when it cannot be reached. */
  fetch(path: string, init?: RequestInit): Promise<Response>
  /** Those of a function, undefined where there is none of that name; throws UserError. */
  annotationsOf(name: string): Promise<Record<string, string> | undefined>
  /** Runs `work` on the database and closes it. */
  withDatabase<T>(work: (database: Database) => Promise<T>): Promise<T>
}

/** The running runtime of a data folder, as a command reaches it. */
export interface Running extends Reached {
  file: RuntimeFile
}

/** Finds the running runtime of a data folder; throws UserError when there is none. */
export const findRunning = async (folder: string): Promise<Running> => {
  const file = await readRuntimeFile(folder)
  const secret = (name: string): string => secretOf(folder, name)
  const call: Reached['fetch'] = (path, init = {}) => {
    const headers = new Headers(init.headers)
    if (isOperators(path)) headers.set('authorization', `Bearer ${secret('operator-token')}`)
    return gatewayFetch(file.url, path, { ...init, headers })
  }
  return {
    ...{ file, secret, fetch: call },
    annotationsOf: (name) => annotationsAt(call, name),
    withDatabase: databaseOf(() => ({ url: file.databaseUrl, password: secret('database-password') })),
  }
}

/** Whether a path is the gateway's own: a function is not to see what lets an operator in. */
export const isOperators = (path: string): boolean => path.startsWith('/system/')

/** The annotations of a function as a gateway tells them; undefined where it has none of that name, throws UserError. */
export const annotationsAt = async (
  call: Reached['fetch'],
  name: string,
): Promise<Record<string, string> | undefined> => {
  const response = await call(`/system/function/${encodeURIComponent(name)}`)
  if (response.status === 404) return undefined
  if (!response.ok) throw new UserError(`the gateway does not tell about ${name}: ${await failureOf(response)}`)
  const { annotations } = (await response.json()) as { annotations?: Record<string, string> | null }
  return annotations ?? {}
}

/** Opens that database for one piece of work at a time. */
export const databaseOf =
  (place: () => { url: string; password: string | undefined }): Reached['withDatabase'] =>
  async (work) => {
    const database = openDatabase({ ...place(), max: 2, name: 'junction cli' })
    try {
      return await work(database)
    } finally {
      await database.close()
    }
  }

/** A secret of a data folder; throws UserError where there is none. */
export const secretOf = (folder: string, name: string): string => {
  const secrets = join(resolve(folder), 'secrets')
  const value = readSecret(secrets, name)
  if (value === undefined) throw new UserError(`the secret ${name} is missing in ${secrets}`)
  return value
}

/** Calls a gateway; throws UserError when it cannot be reached. */
export const gatewayFetch = async (gateway: string, path: string, init: RequestInit): Promise<Response> => {
  const url = new URL(path, gateway)
  try {
    return await fetch(url, { signal: AbortSignal.timeout(30_000), ...init })
  } catch (error) {
    const cause = (error as Error).cause as Error | undefined
    throw new UserError(`${url} cannot be reached: ${cause?.message ?? (error as Error).message}`)
  }
}

/** A failed answer as one line. */
export const failureOf = async (response: Response): Promise<string> =>
  problemLine(response.status, await response.text())
