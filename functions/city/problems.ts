import type { Context } from 'hono'
import type { z } from 'zod'
import { echo, PROBLEM_JSON, type Problem, pointerStep, problem } from '#shared/contracts/problem.ts'

/** Answers with problem+json. */
export function refuse(c: Context, status: 400 | 404 | 405, code: string, more: Partial<Problem>): Response {
  const instance = c.req.header('x-call-id')
  const body = problem(status, code, { ...more, ...(instance === undefined ? {} : { instance }) })
  return c.body(JSON.stringify(body), status, { 'content-type': PROBLEM_JSON, 'cache-control': 'no-store' })
}

/** 404 for a segment nobody knows. */
export const noSegment = (c: Context, segment: string): Response =>
  refuse(c, 404, 'not_found', { detail: `there is no segment ${echo(segment)}: api/traffic-status lists them` })

/** The query of a request by its schema, or the answer 400 that says what is wrong with it. */
export function readQuery<T>(c: Context, schema: z.ZodType<T>): { query: T } | { refused: Response } {
  // Not c.req.queries(): it fails on a parameter named __proto__.
  const given = new URL(c.req.url).searchParams
  const twice = new Set([...given.keys()].filter((name) => given.getAll(name).length > 1))
  const parsed = schema.safeParse(Object.fromEntries(given))
  const errors = [
    ...[...twice].map((name) => ({ path: pointerStep(name), message: 'is given more than once' })),
    ...(parsed.error?.issues ?? []).flatMap(toErrors),
  ]
  if (parsed.success && errors.length === 0) return { query: parsed.data }
  return { refused: refuse(c, 400, 'invalid', { detail: 'the query is not valid', errors }) }
}

function toErrors(issue: z.core.$ZodIssue): { path: string; message: string }[] {
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({ path: pointerStep(key), message: 'no such parameter' }))
  return [{ path: issue.path.map((step) => pointerStep(String(step))).join(''), message: issue.message }]
}
