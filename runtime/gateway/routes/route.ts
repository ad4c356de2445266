import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import type { Problem } from '../problem.ts'

/** A request as its route sees it; its body is whole, at most 1 MiB. */
export interface Asked {
  method: string
  path: string
  /** What the group of the route's pattern matched, or nothing. */
  parameter: string
  query: URLSearchParams
  headers: IncomingHttpHeaders
  body: Buffer
  callId: string
  /** As it came, for what is passed on. */
  request: IncomingMessage
}

/** An answer of the platform: JSON, a text, a problem, or without a body. */
export interface Answer {
  status: number
  json?: unknown
  /** Its content type stands in `headers`. */
  text?: string
  problem?: Problem
  headers?: Record<string, string>
}

interface Place {
  methods: string[]
  /** With one group at most. */
  pattern: RegExp
  /** The path as metrics show it; those who only look after the gateway are not counted. */
  label: string | undefined
}

/** What answers at once. */
interface AnswerRoute extends Place {
  answer(asked: Asked): Answer | Promise<Answer>
}

/** What writes its answer itself and may take its time; `signal` = the client is gone, or the gateway closes. */
interface StreamRoute extends Place {
  stream(asked: Asked, response: ServerResponse, signal: AbortSignal): Promise<void>
}

export type Route = AnswerRoute | StreamRoute

/** The methods of what is only read. */
export const READ = ['GET', 'HEAD']

/** 200 with what was found, or the problem it ended in. */
export const unlessProblem = (json: object | { problem: Problem }): Answer =>
  'problem' in json ? { status: json.problem.status, problem: json.problem } : { status: 200, json }
