import type { IncomingMessage, ServerResponse } from 'node:http'
import { type AuthSettings, authenticate } from './auth.ts'
import { readBody } from './body.ts'
import { classify, eventStatus, type Failure } from './classify.ts'
import type { FunctionDefinition } from './define.ts'
import { decodeCall, type EventCall } from './event.ts'
import { sendJson, sendProblem } from './reply.ts'
import { operatorMessage, publicMessage, sendFailure } from './reply-failure.ts'
import { workSingles } from './single-work.ts'
import { type SliceTools, workSlice } from './slice-work.ts'
import { workTick, workTrigger } from './tick-work.ts'
import { traceparentOf } from './trace.ts'
import type { RunUnit, UnitHost } from './unit.ts'

/** What an event call is answered with and by. */
export interface EventCallTools {
  definition: FunctionDefinition
  host: UnitHost
  runUnit: RunUnit
  auth: AuthSettings
}

/** Slices are larger than other calls: 1 MiB of data and the attributes beside it. */
const MAX_SLICE = 4 << 20

/** Answers `POST /` of a function that takes events: never 404, 409, 503, nor a 2xx on failure. */
export async function answerEventCall(
  request: IncomingMessage,
  response: ServerResponse,
  signal: AbortSignal,
  tools: EventCallTools,
): Promise<void> {
  const caller = authenticate(request.headers, tools.auth)
  if (!caller) return sendProblem(request, response, 401, 'auth', { detail: 'send the invoke key as a bearer token' })
  const byConnector = caller.role === 'connector'
  try {
    if (request.headers['junction-first'] !== undefined && !byConnector) return refusePlace(request, response)
    const body = await readBody(request, byConnector ? MAX_SLICE : undefined)
    const call = decodeCall(request.headers, body)
    const namesPlace = call.form === 'slice' || call.form === 'tick'
    if (namesPlace && !byConnector) return refusePlace(request, response)
    const work = { ...tools, signal, traceparent: traceparentOf(request) }
    await answer(call, byConnector ? undefined : caller.principal, work, request, response)
  } catch (error) {
    const failure = (error as { failure?: Failure }).failure ?? classify(error)
    if (failure.code === 'moved') return byConnector ? sendJson(response, 200, { moved: true }) : sendDone(response)
    if (failure.code === 'unexpected') tools.host.log.error({ err: error }, 'call failed')
    const detail = byConnector ? operatorMessage(error as Error, failure) : publicMessage(error as Error)
    sendFailure(request, response, { ...failure, status: eventStatus(failure) }, detail)
  }
}

// Of a Broker an empty body is an ack; any other would be taken in as an event.
const sendDone = (response: ServerResponse) => void response.writeHead(200, { 'Content-Length': '0' }).end()

const refusePlace = (request: IncomingMessage, response: ServerResponse) =>
  sendProblem(request, response, 401, 'auth', { detail: 'only the connector names positions, alarms and schedules' })

async function answer(
  call: EventCall,
  principal: string | undefined,
  tools: SliceTools,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (call.form === 'slice') {
    const { next, ...rest } = await workSlice(call.slice, tools)
    return sendJson(response, 200, { next: next.toString(), ...rest })
  }
  if (call.form === 'tick') {
    await workTick(call.tick, tools)
    return sendJson(response, 200, {})
  }
  if (call.form === 'trigger') {
    await workTrigger(call.at, tools)
    return sendDone(response)
  }
  const refusals = await workSingles({ ...call, principal }, tools)
  const [first] = refusals
  if (!first) return sendDone(response)
  sendProblem(request, response, first.status, first.code, {
    detail: `${refusals.length} of ${call.events.length} events were refused`,
    errors: refusals.map(({ index, message }) => ({ path: `/${index}`, message })),
  })
}
