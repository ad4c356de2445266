import { Hono } from 'hono'
import { defineFunction, type FunctionDefinition } from './define.ts'
import { parseJson } from './json.ts'

/** What a handler of the official OpenFaaS node template gets of a call. */
export interface OpenFaasEvent {
  /** Text for text/*, an object for application/json and forms, undefined for anything else. */
  body: unknown
  headers: Record<string, string>
  method: string
  query: Record<string, string>
  path: string
}

/** What it answers through; without `succeed` or `fail` the resolved value is the body. */
export interface OpenFaasContext {
  status(code: number): OpenFaasContext
  status(): number
  headers(values: Record<string, string>): OpenFaasContext
  headers(): Record<string, string>
  succeed(value: unknown): void
  fail(error: unknown): void
}

type Callback = (error: unknown, value?: unknown) => void

/** A handler as `module.exports` of the official template's handler.js. */
export type OpenFaasHandler = (event: OpenFaasEvent, context: OpenFaasContext, callback: Callback) => unknown

/**
 * Makes a function of a handler written for the official OpenFaaS node template, with one correction: there a handler
 * that throws is answered with 200, here with 500.
 */
export function fromOpenFaasHandler(name: string, handler: OpenFaasHandler): FunctionDefinition {
  return defineFunction({
    name,
    // As on OpenFaaS, where functions are open to all and look after their callers themselves.
    access: 'own',
    http: ({ log }) =>
      new Hono().all('*', async (c) => {
        const url = new URL(c.req.url)
        const event = {
          body: await readBody(c.req.raw),
          headers: c.req.header(),
          method: c.req.method,
          query: Object.fromEntries(url.searchParams),
          path: url.pathname,
        }
        const { outcome, status, headers } = await call(handler, event)
        if (outcome.failed) {
          log.error({ err: outcome.value }, 'the handler failed')
          return c.text('the handler failed; the log says why', status === 200 ? 500 : (status as 500), headers)
        }
        return new Response(encode(outcome.value), { status, headers })
      }),
  })
}

interface Outcome {
  failed: boolean
  value: unknown
}

function call(handler: OpenFaasHandler, event: OpenFaasEvent) {
  let status = 200
  let headers: Record<string, string> = {}
  return new Promise<{ outcome: Outcome; status: number; headers: Record<string, string> }>((resolve) => {
    let settled = false
    const settle = (failed: boolean, value: unknown) => {
      if (!settled) resolve({ outcome: { failed, value }, status, headers })
      settled = true
    }
    const context = {
      status(code?: number) {
        if (code === undefined) return status
        status = code
        return context
      },
      headers(values?: Record<string, string>) {
        if (values === undefined) return headers
        headers = values
        return context
      },
      succeed: (value: unknown) => settle(false, value),
      fail: (error: unknown) => settle(true, error),
    } as OpenFaasContext
    const callback: Callback = (error, value) => (error ? settle(true, error) : settle(false, value))
    // A synchronous handler answers through the context or the callback; only a promise answers by its value.
    try {
      const returned = handler(event, context, callback)
      if (returned instanceof Promise || typeof (returned as PromiseLike<unknown>)?.then === 'function') {
        ;(returned as Promise<unknown>).then(
          (value) => settle(false, value),
          (error) => settle(true, error),
        )
      }
    } catch (error) {
      settle(true, error)
    }
  })
}

async function readBody(request: Request): Promise<unknown> {
  if (request.method === 'GET' || request.method === 'HEAD') return undefined
  const type = request.headers.get('content-type')?.split(';', 1)[0]?.trim().toLowerCase() || 'text/plain'
  const bytes = new Uint8Array(await request.arrayBuffer())
  if (type === 'application/json') return bytes.length === 0 ? {} : parseJson(bytes)
  const text = new TextDecoder().decode(bytes)
  if (type.startsWith('text/')) return text
  if (type === 'application/x-www-form-urlencoded') return Object.fromEntries(new URLSearchParams(text))
  return undefined
}

// As the template does: arrays and plain objects become JSON without a content type.
function encode(value: unknown): string | Uint8Array<ArrayBuffer> | null {
  if (value === undefined || value === null) return null
  if (value instanceof Uint8Array) return value as Uint8Array<ArrayBuffer>
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
