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
  /** Calls the gateway as its operator, unless an authorization is given; throws UserError when it cannot be reached. */
  fetch(path: string, init?: RequestInit): Promise<Response>
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
  return {
    file,
    secret,
    fetch: (path, init = {}) => {
      const headers = new Headers(init.headers)
      if (!headers.has('authorization')) headers.set('authorization', `Bearer ${secret('operator-token')}`)
      return gatewayFetch(file.url, path, { ...init, headers })
    },
    withDatabase: databaseOf(() => ({ url: file.databaseUrl, password: secret('database-password') })),
  }
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
