import { type Context, Hono } from 'hono'
import { type Acceptance, accept } from '#shared/contracts/accept.ts'
import { formatDuration } from '#shared/contracts/duration.ts'
import { formatInstant } from '#shared/contracts/instant.ts'
import { type Fault, PROBLEM_JSON, type Problem, problem } from '#shared/contracts/problem.ts'
import { type AcceptedReading, readingId } from '#shared/contracts/reading.ts'
import type { Caller, HttpContext } from '#shared/function/define.ts'
import { readBody } from './body.ts'
import { checkBinaryMode } from './cloud-event.ts'
import { type CountAccepted, countAccepted } from './counters.ts'
import { faultOf, type Item, type Items, itemsOf } from './items.ts'
import { formOf } from './media.ts'
import { openApi } from './openapi.ts'
import { type Reception, receptionOf } from './query.ts'
import { deviceOf, type NoteRefusal } from './refusals.ts'
import { type NotStored, store } from './store.ts'

type Ingest = Pick<HttpContext, 'emit' | 'now' | 'settings' | 'caller' | 'counter'>
type Outcome = { id: string; notStored?: NotStored | undefined } | { fault: Fault }

const JSON_BODY = { 'content-type': 'application/json' }

const retryAfter = ({ retryAfterMs }: NotStored): string => String(Math.max(1, Math.ceil(retryAfterMs / 1_000)))

const answerProblem = (c: Context, status: number, code: string, more: Partial<Problem>, headers = {}): Response => {
  const instance = c.req.header('x-call-id')
  const body = problem(status, code, instance === undefined ? more : { ...more, instance })
  return new Response(JSON.stringify(body), { status, headers: { 'content-type': PROBLEM_JSON, ...headers } })
}

const answerNotStored = (c: Context, why: NotStored): Response =>
  answerProblem(c, why.status, why.code, { detail: why.message }, { 'retry-after': retryAfter(why) })

const answerFault = (c: Context, status: number, { code, message, errors }: Fault): Response =>
  answerProblem(c, status, code, { detail: message, errors })

const statusOf = ({ code }: Fault): number => (code === 'identity_mismatch' ? 403 : 400)

const answerOne = (c: Context, outcome: Outcome): Response => {
  if ('fault' in outcome) return answerFault(c, statusOf(outcome.fault), outcome.fault)
  if (outcome.notStored) return answerNotStored(c, outcome.notStored)
  return new Response(JSON.stringify({ id: outcome.id }), { status: 202, headers: JSON_BODY })
}

const answerMany = (c: Context, outcomes: Outcome[]): Response => {
  const failed = outcomes.flatMap((outcome) => ('notStored' in outcome && outcome.notStored ? [outcome.notStored] : []))
  const stored = outcomes.some((outcome) => 'id' in outcome && !outcome.notStored)
  const waits = failed.find(({ status }) => status === 503)
  if (!stored && waits) return answerNotStored(c, waits)
  const items = outcomes.map((outcome, index) => {
    if ('fault' in outcome) {
      const { fault } = outcome
      return { index, status: statusOf(fault), code: fault.code, errors: fault.errors }
    }
    const { id, notStored } = outcome
    if (!notStored) return { index, status: 202, id }
    return {
      index,
      status: notStored.status,
      code: notStored.code,
      id,
      errors: [{ path: '', message: notStored.message }],
    }
  })
  const headers = waits ? { ...JSON_BODY, 'retry-after': retryAfter(waits) } : JSON_BODY
  return new Response(JSON.stringify(items), { status: 207, headers })
}

/** Notes what is refused for good; a caller that may not speak for a device has it counted for none. */
const noteRefusals = (note: NoteRefusal, items: Item[], outcomes: Outcome[], { now, speaksFor }: Acceptance): void => {
  for (const [i, outcome] of outcomes.entries()) {
    const fault = faultIn(outcome)
    if (fault === undefined) continue
    const device = deviceOf(items[i] as Item)
    note(device !== undefined && speaksFor(device) ? device : undefined, fault, now)
  }
}

/** Notes a body that says nothing of any device; its answer waits for no clock. */
const noteUnreadable = ({ now }: Ingest, note: NoteRefusal, fault: Fault): void =>
  void now().then(
    (at) => note(undefined, fault, at.getTime()),
    () => {},
  )

const faultIn = (outcome: Outcome): Pick<Fault, 'code' | 'errors'> | undefined => {
  if ('fault' in outcome) return outcome.fault
  const { notStored } = outcome
  if (notStored === undefined || notStored.status === 503) return undefined
  return { code: notStored.code, errors: [{ path: '', message: notStored.message }] }
}

const keep = async (ctx: Ingest, items: Item[], acceptance: Acceptance, counted: CountAccepted): Promise<Outcome[]> => {
  const readings: AcceptedReading[] = []
  const outcomes = items.map((item): Outcome => {
    const accepted = 'fault' in item ? item : accept(item.value, acceptance)
    if ('fault' in accepted) return accepted
    readings.push(accepted.reading)
    return { id: readingId(accepted.reading) }
  })
  const results = readings.length > 0 ? await store(ctx.emit, readings) : []
  counted(
    readings.filter((_, i) => results[i] === undefined),
    acceptance,
  )
  let next = 0
  for (const outcome of outcomes) if ('id' in outcome) outcome.notStored = results[next++]
  return outcomes
}

const afterCityTime = (cityTime: number, acceptFutureMs: number): Fault => {
  const message = `is more than ${formatDuration(acceptFutureMs)} (ACCEPT_FUTURE) after city time, ${formatInstant(cityTime)}`
  return { code: 'time_out_of_range', message: 'the query is not valid', errors: [{ path: '/received', message }] }
}

/** An operator speaks for any device, a key for its own. */
const speaksFor = (caller: Caller): Acceptance['speaksFor'] => {
  if (caller.role === 'operator') return () => true
  const own = new Set(caller.role === 'device' ? caller.devices : [])
  return (device) => own.has(device)
}

const read = async (c: Context, caller: Caller): Promise<Reception & { items: Items }> => {
  const request = c.req.raw
  const form = formOf(request.headers)
  const reception = receptionOf(request.url, caller)
  checkBinaryMode(request.headers)
  return { items: itemsOf(form, await readBody(request)), ...reception }
}

/** The front door of every reading: answers 2xx only once the readings are durable. */
export const ingestApp = (ctx: Ingest, note: NoteRefusal): Hono => {
  const app = new Hono()
  const counted = countAccepted(ctx)

  app.post('/', async (c) => {
    const caller = await ctx.caller(c.req.header('authorization'))
    let request: Awaited<ReturnType<typeof read>>
    try {
      request = await read(c, caller)
    } catch (error) {
      const status = (error as { status?: number }).status ?? 400
      const fault = faultOf(error)
      if (status === 400) noteUnreadable(ctx, note, fault)
      return answerFault(c, status, fault)
    }
    const { acceptPastMs, acceptFutureMs } = ctx.settings
    const cityTime = (await ctx.now()).getTime()
    const { historical, received: now = cityTime } = request
    if (now > cityTime + acceptFutureMs) return answerFault(c, 400, afterCityTime(cityTime, acceptFutureMs))
    const receivedAt = formatInstant(now)
    const acceptance = {
      ...{ now, receivedAt, acceptPastMs, acceptFutureMs, historical },
      ifTooOld: 'an operator sends history with ?history=true',
      speaksFor: speaksFor(caller),
    }
    const outcomes = await keep(ctx, request.items.items, acceptance, counted)
    noteRefusals(note, request.items.items, outcomes, acceptance)
    return request.items.single ? answerOne(c, outcomes[0] as Outcome) : answerMany(c, outcomes)
  })

  app.get('/openapi.json', (c) => c.json(openApi()))
  const notAllowed = (allow: string) => (c: Context) =>
    answerProblem(c, 405, 'method', { detail: `use ${allow}` }, { allow })
  app.all('/', notAllowed('POST'))
  app.all('/openapi.json', notAllowed('GET'))
  return app
}
