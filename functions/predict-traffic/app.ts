import { type Context, Hono } from 'hono'
import { PROBLEM_JSON, type Problem, problem } from '#shared/contracts/problem.ts'
import type { HttpContext } from '#shared/function/define.ts'
import { parseJson } from '#shared/function/json.ts'
import type { Answer, ModelInService } from './answer.ts'
import { openApi } from './openapi.ts'
import { readQuestion } from './question.ts'
import { forecastSegments } from './segments.ts'
import { forecastSeries } from './series.ts'
import type { InService, WithService } from './service.ts'
import type { Tell } from './told.ts'

const JSON_TYPE = /^application\/json(?:[ \t]*;[ \t]*charset=(?:utf-8|"utf-8"))?$/i

/** Answers questions for forecasts as they are asked; what `started` gives is there once the process is ready. */
export function forecastApp(
  ctx: Pick<HttpContext, 'sql' | 'now' | 'settings'>,
  started: () => { withService: WithService; tell: Tell },
): Hono {
  const app = new Hono()

  app.get('/', async (c) => c.json(await started().withService(async (serving) => describe(serving))))

  app.post('/', async (c) => {
    if (!JSON_TYPE.test(c.req.header('content-type') ?? ''))
      return refuse(c, 415, 'decode', { detail: 'send application/json, in UTF-8' })
    const body = read(new Uint8Array(await c.req.arrayBuffer()))
    if ('refused' in body) return refuse(c, 400, ...body.refused)
    const asked = readQuestion(body.value)
    if (Array.isArray(asked)) return refuse(c, 400, 'invalid', { detail: 'the question is not valid', errors: asked })

    const { withService, tell } = started()
    const found = await withService(async (serving) => ({
      model: serving.model.id,
      ...('segments' in asked
        ? { forecasts: await forecastSegments(asked.segments, serving, ctx) }
        : await forecastSeries(asked.series, serving.model)),
    }))
    if ('faults' in found)
      return refuse(c, 400, 'invalid', { detail: 'the question is not valid', errors: found.faults })
    tell.asked(found.forecasts)
    return c.json(found satisfies Answer)
  })

  app.get('/openapi.json', (c) => c.json(openApi()))
  const notAllowed = (allow: string) => (c: Context) => refuse(c, 405, 'method', { detail: `use ${allow}` }, { allow })
  app.all('/', notAllowed('GET, POST'))
  app.all('/openapi.json', notAllowed('GET'))
  return app
}

function describe(serving: InService): ModelInService {
  const { id, sidecar, statistics } = serving.model
  const { measure, unit, stepMs, horizons, training } = sidecar
  return {
    ...{ model: id, title: training.title, measure, unit, stepMinutes: stepMs / 60_000 },
    ...{ from: training.from, until: training.until, segments: statistics.ids.size },
    minutes: horizons.map(({ minutes }) => minutes),
    unfit: 'unfit' in serving ? serving.unfit : null,
  }
}

function read(bytes: Uint8Array): { value: unknown } | { refused: [string, Partial<Problem>] } {
  try {
    return { value: parseJson(bytes) }
  } catch (error) {
    const { name, code, message, path } = error as { name: string; code: string; message: string; path: string }
    if (name !== 'JsonError') throw error
    return { refused: [code, { detail: 'the question is not valid', errors: [{ path, message }] }] }
  }
}

function refuse(c: Context, status: 400 | 405 | 415, code: string, more: Partial<Problem>, headers = {}): Response {
  const instance = c.req.header('x-call-id')
  const body = problem(status, code, instance === undefined ? more : { ...more, instance })
  return c.body(JSON.stringify(body), status, { 'content-type': PROBLEM_JSON, ...headers })
}
