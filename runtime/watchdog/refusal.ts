import type { ServerResponse } from 'node:http'
import { PROBLEM_JSON, problem } from '#shared/contracts/problem.ts'
import { durationHeader } from './runner.ts'

/** A fault that the watchdog answers with, in the program's place. */
export interface Refusal {
  status: number
  code: string
  detail: string
  /** Of the program itself: not marked as the platform's. */
  own?: boolean
}

/** Answers with a problem; once an answer has begun, its connection breaks instead, so that none passes for whole. */
export const refuse = (response: ServerResponse, { status, code, detail, own }: Refusal, began: number): void => {
  if (response.headersSent) return void response.destroy()
  response
    .writeHead(status, {
      'Content-Type': PROBLEM_JSON,
      ...(own ? {} : { 'X-OpenFaaS-Internal': 'of-watchdog' }),
      ...durationHeader(began),
    })
    .end(JSON.stringify(problem(status, code, { detail })))
}
