import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { parseDuration } from '#shared/contracts/duration.ts'
import type { WatchdogLog } from './log.ts'
import { refuse } from './refusal.ts'
import type { Runner } from './runner.ts'
import type { WatchdogSettings } from './settings.ts'

/** The HTTP side of a watchdog. */
export interface WatchdogServer {
  server: Server
  /** Not healthy from now on, though calls are still taken; resolves when none is in flight. */
  drain(): Promise<void>
}

/** Health, readiness and the limits of calls, in front of what answers them. */
export const createWatchdogServer = (settings: WatchdogSettings, runner: Runner, log: WatchdogLog): WatchdogServer => {
  const { execTimeoutMs, readTimeoutMs, writeTimeoutMs, maxInflight, readyPath } = settings
  let inflight = 0
  let draining = false
  let onIdle: (() => void) | undefined
  const full = () => maxInflight > 0 && inflight >= maxInflight

  const ready = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (draining || !(await runner.ready())) return status(response, 503)
    if (full()) return status(response, 429)
    if (readyPath === undefined) return status(response, 200)
    request.url = readyPath
    await call(request, response)
  }

  const call = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const began = performance.now()
    const aborted = new AbortController()
    const limit = deadlineOf(request, execTimeoutMs)
    const late = () => {
      log.say(`exec_timeout: the call had ${limit} ms`)
      aborted.abort()
      refuse(response, { status: 504, code: 'deadline', detail: `the program had ${limit} ms to answer` }, began)
    }
    const cut = () => {
      log.say(`write_timeout: the answer took longer than ${writeTimeoutMs} ms`)
      response.destroy()
    }
    const timers = [setTimeout(late, limit), setTimeout(cut, writeTimeoutMs)]
    response.once('close', () => {
      for (const timer of timers) clearTimeout(timer)
      if (!response.writableFinished) aborted.abort()
    })
    inflight++
    try {
      await runner.answer(request, response, aborted.signal)
    } finally {
      inflight--
      if (inflight === 0) onIdle?.()
    }
  }

  const route = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (draining) response.shouldKeepAlive = false
    const path = request.url?.split('?', 1)[0]
    if (path === '/_/health' || path === '/_/ready') {
      if (request.method !== 'GET') return status(response, 405)
      return path === '/_/ready' ? ready(request, response) : status(response, draining ? 503 : 200)
    }
    if (full()) return limited(response, maxInflight)
    await call(request, response)
  }

  const server = createServer(
    {
      requestTimeout: readTimeoutMs,
      headersTimeout: Math.min(readTimeoutMs || 10_000, 10_000),
      connectionsCheckingInterval: 1_000,
      keepAliveTimeout: 75_000,
    },
    // What cannot be answered ends its connection, never the process.
    (request, response) => {
      route(request, response).catch(() => response.destroy())
    },
  )
  return {
    server,
    drain: () => {
      draining = true
      return new Promise((resolve) => {
        onIdle = resolve
        if (inflight === 0) resolve()
      })
    },
  }
}

const status = (response: ServerResponse, code: number): void => {
  response.writeHead(code, { 'Content-Type': 'text/plain' }).end(code === 200 ? 'OK' : '')
}

const limited = (response: ServerResponse, limit: number): void => {
  response
    .writeHead(429, { 'Content-Type': 'text/plain; charset=utf-8', 'X-OpenFaaS-Internal': 'faas-middleware' })
    .end(`Concurrent request limit exceeded. Max concurrent requests: ${limit}\n`)
}

/** exec_timeout, which the call may shorten by X-Timeout; a duration nobody can read asks for nothing. */
const deadlineOf = ({ headers }: IncomingMessage, execTimeoutMs: number): number => {
  try {
    const asked = parseDuration(String(headers['x-timeout'] ?? '0'))
    return asked > 0 ? Math.min(asked, execTimeoutMs) : execTimeoutMs
  } catch {
    return execTimeoutMs
  }
}
