import { Agent, type Dispatcher, request } from 'undici'
import { z } from 'zod'
import type { Invoke, InvokeAnswer } from '../connector/types.ts'
import { MAX_ANSWER } from '../connector/verdict.ts'
import { type Deployment, FunctionStatus } from './deployed.ts'
import { isOfCall } from './lost.ts'

/** An OpenFaaS-compatible gateway, or what stands in its place, as the connector needs it. */
export interface RemoteGateway {
  /** What is deployed; rejects where the gateway does not tell. */
  list(): Promise<Deployment[]>
  invoke: Invoke
  close(): Promise<void>
}

/** How a gateway is reached. */
export interface RemoteGatewayOptions {
  url: URL
  /** The value of `authorization` for its REST API; asked for each time, so that a new secret takes effect. */
  authorization(): string | undefined
  /** Whether it answers at all, as last seen. */
  isThere(): boolean
}

const ASK_MS = 3_000
/** What OpenFaaS answers in a function's place without a mark of its own. */
const OF_PLATFORM = /^(?:No endpoints available for|Can't reach service for|error finding function)/

/** The gateway is gone or does not move, or cannot be reached from here: no fault of a call's. */
export class GatewayGone extends Error {
  override name = 'GatewayGone'
  code = 'GATEWAY_GONE' as const
}

/** Prepares to reach a gateway; nothing is sent yet. */
export const remoteGateway = ({ url, authorization, isThere }: RemoteGatewayOptions): RemoteGateway => {
  // How long an answer may take, the ladder of delivery alone says.
  const dispatcher = new Agent({ headersTimeout: 0, bodyTimeout: 0, connect: { timeout: 3_000 } })
  const at = (path: string) => `${url.href.replace(/\/+$/, '')}${path}`

  const ask = async (path: string): Promise<unknown> => {
    const value = authorization()
    const headers = { accept: 'application/json', ...(value && { authorization: value }) }
    const { statusCode, body } = await request(at(path), { dispatcher, headers, signal: AbortSignal.timeout(ASK_MS) })
    const text = await body.text()
    if (statusCode === 200) return JSON.parse(text)
    const mend = 'put basic-auth-user and basic-auth-password, or operator-token, into SECRETS_DIR'
    throw new Error(`it answered ${statusCode} to GET ${path}${statusCode === 401 ? `: ${mend}` : ''}`)
  }

  const isReady = async (name: string): Promise<boolean> => {
    try {
      const { availableReplicas = 0 } = FunctionStatus.parse(await ask(`/system/function/${name}`))
      return availableReplicas > 0
    } catch {
      return false
    }
  }

  /** Without a mark, what a proxy says while a function is down looks as if a function had failed: then it counts whether one is there. */
  const isOfFunction = async (name: string, { status, headers, body }: Omit<InvokeAnswer, 'via'>): Promise<boolean> => {
    if (headers['x-openfaas-internal'] === 'proxy') return false
    if (status < 500 || /json/.test(String(headers['content-type']))) return true
    return OF_PLATFORM.test(body.toString()) ? false : isReady(name)
  }

  return {
    list: async () => z.array(FunctionStatus).parse(await ask('/system/functions')),
    async invoke(name, { headers, body, signal }) {
      let answering = false
      const answered = async () => {
        const response = await request(at(`/function/${name}`), { dispatcher, method: 'POST', headers, body, signal })
        answering = true
        const { statusCode: status, headers: said } = response
        return { status, headers: said, body: await beginningOf(response.body) }
      }
      const answer = await answered().catch((error: NodeJS.ErrnoException) => {
        if (isThere() && (signal.aborted || isOfCall(error, answering))) throw error
        throw new GatewayGone(`the gateway gave no answer: ${error.message}`, { cause: error })
      })
      return { ...answer, via: (await isOfFunction(name, answer)) ? 'function' : 'platform' }
    },
    close: () => dispatcher.destroy(),
  }
}

/** What is longer is no answer of Junction's own: its status says enough. */
export const beginningOf = async (body: Dispatcher.ResponseData['body']): Promise<Buffer> => {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of body as AsyncIterable<Buffer>) {
    chunks.push(chunk)
    size += chunk.length
    if (size > MAX_ANSWER) break
  }
  return Buffer.concat(chunks)
}
