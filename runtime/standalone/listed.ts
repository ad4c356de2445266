import { readFile } from 'node:fs/promises'
import { Agent, request } from 'undici'
import { z } from 'zod'
import type { InvokeAnswer } from '../connector/types.ts'
import type { Deployment } from './deployed.ts'
import { beginningOf, GatewayGone, type RemoteGateway } from './gateway.ts'
import { isOfCall } from './lost.ts'

const texts = z.record(z.string(), z.string()).default({})

/** One function of the list that a platform without OpenFaaS's REST API gives the connector. */
export const ListedFunction = z.strictObject({
  name: z.string(),
  /** Where it is called: `http://NAME.NAMESPACE.svc.cluster.local`. */
  url: z.url({ protocol: /^https?$/ }),
  annotations: texts,
  /** Of these the connector reads `exec_timeout` and `DATABASE_POOL`. */
  envVars: texts,
  /** Most replicas the platform starts: they bound the calls in flight. */
  replicas: z.int().positive().default(1),
  /** Who brings its events: with `platform` the connector calls for its alarms and its own schedule alone. */
  events: z.enum(['connector', 'platform']).default('connector'),
})
export type ListedFunction = z.infer<typeof ListedFunction>

/** How long a function that answered is taken to be there without being asked. */
const UP_MS = 30_000
/** A platform that starts it from zero holds the question so long. */
const READY_MS = 10_000
const CONNECT_MS = 3_000
const CONNECTION_MS = 10_000

interface Place {
  url: string
  /** `performance.now()`; a call that gets lost before then was lost by the function. */
  upUntil: number
}

/** Functions that a file names with their addresses; it is read anew at each look, so that it may change. */
export const listedFunctions = (file: string): RemoteGateway => {
  const dispatcher = new Agent({
    ...{ headersTimeout: 0, bodyTimeout: 0, connect: { timeout: CONNECT_MS } },
    // A Service shares out connections, not calls: one that lived on would keep a new replica without work.
    clientTtl: CONNECTION_MS,
  })
  const places = new Map<string, Place>()

  /** Whatever answers below 500 is there, also where it knows no such path. */
  const isReady = async ({ url }: Place): Promise<boolean> => {
    try {
      const { statusCode, body } = await request(`${url}/_/ready`, {
        dispatcher,
        signal: AbortSignal.timeout(READY_MS),
      })
      await body.dump()
      return statusCode < 500
    } catch {
      return false
    }
  }

  return {
    async list() {
      const functions = await readFunctionList(file)
      for (const name of places.keys()) if (!functions.some((one) => one.name === name)) places.delete(name)
      for (const { name, url } of functions) {
        const plain = url.replace(/\/+$/, '')
        if (places.get(name)?.url !== plain) places.set(name, { url: plain, upUntil: 0 })
      }
      return functions.map(deployment)
    },
    async invoke(name, { headers, body, signal }) {
      const place = places.get(name)
      if (place === undefined) throw new GatewayGone(`${name} is not in ${file}`)
      // Only a function that was there can have lost a call: an instance that cannot be started is no event's fault.
      if (performance.now() > place.upUntil && !(await isReady(place)))
        throw new GatewayGone(`${name} is not ready at ${place.url}`)
      let answering = false
      const answered = async (): Promise<InvokeAnswer> => {
        const response = await request(`${place.url}/`, { dispatcher, method: 'POST', headers, body, signal })
        answering = true
        const { statusCode: status, headers: said } = response
        return { status, headers: said, body: await beginningOf(response.body), via: 'function' }
      }
      try {
        const answer = await answered()
        place.upUntil = answer.status < 500 ? performance.now() + UP_MS : 0
        return answer
      } catch (error) {
        place.upUntil = 0
        if (signal.aborted || isOfCall(error as Error, answering) || wasCut(error)) throw error
        throw new GatewayGone(`${name} gave no answer: ${(error as Error).message}`, { cause: error })
      }
    },
    close: () => dispatcher.destroy(),
  }
}

/** The connection was there and ended under the call. */
const wasCut = (error: unknown): boolean =>
  /^(?:ECONNRESET|EPIPE|UND_ERR_SOCKET)$/.test(String((error as NodeJS.ErrnoException).code))

/** Reads a list of functions; throws where it is missing or none. */
export const readFunctionList = async (file: string): Promise<ListedFunction[]> => {
  const text = await readFile(file, 'utf8').catch((error: Error) => {
    throw new Error(`${file} cannot be read: ${error.message}`)
  })
  const parsed = z.array(ListedFunction).safeParse(parseJson(text))
  if (parsed.success) return parsed.data
  const [{ path, message } = { path: [], message: '' }] = parsed.error.issues
  throw new Error(`${file} is no list of functions: ${[path.join('.'), message].filter(Boolean).join(': ')}`)
}

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const deployment = ({ name, annotations, envVars, replicas, events }: ListedFunction): Deployment => ({
  ...{ name, annotations, envVars },
  availableReplicas: replicas,
  broughtByPlatform: events === 'platform',
})
