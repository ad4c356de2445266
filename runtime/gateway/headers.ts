import { randomUUID, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

/** Headers of one hop (RFC 9110 7.6.1), and those the next hop makes itself. */
const HOP_BY_HOP = new Set(
  'connection keep-alive proxy-authenticate proxy-authorization proxy-connection te trailer transfer-encoding upgrade'.split(
    ' ',
  ),
)
const REMADE = new Set(['content-length', 'expect', 'x-start-time'])

/** What the gateway adds to a call, and gives back with its answer. */
export interface CallMarks {
  callId: string
  /** Whether the caller gave none: only then is it echoed. */
  madeCallId: boolean
  /** Unix time in ns, decimal. */
  startTime: string
}

export type ResponseHeaders = Record<string, string | string[] | undefined>

/** A new call's marks: its id, unless the caller gave one, and its start. */
export const markCall = (givenId: string | undefined): CallMarks => ({
  callId: givenId || randomUUID(),
  madeCallId: !givenId,
  startTime: `${Date.now()}000000`,
})

/** A W3C trace context with ids of its own, for a call that came without. */
export const newTraceparent = (): string => {
  const [trace, span] = [randomUUID().replaceAll('-', ''), randomUUID().replaceAll('-', '')]
  return `00-${trace}-${span.slice(0, 16)}-01`
}

/** The headers a function gets, as a flat list of names and values. */
export const requestHeaders = (request: IncomingMessage, marks: CallMarks, connectorKey: Buffer): string[] => {
  const { rawHeaders, headers, socket } = request
  const named = namedByConnection(headers.connection)
  const trusted = hasKey(headers.authorization, connectorKey)
  const result: string[] = []
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] as string
    const lower = name.toLowerCase()
    if (HOP_BY_HOP.has(lower) || REMADE.has(lower) || named?.includes(lower)) continue
    if (!trusted && lower.startsWith('junction-')) continue
    result.push(name, rawHeaders[i + 1] as string)
  }
  if (marks.madeCallId) result.push('x-call-id', marks.callId)
  result.push('x-start-time', marks.startTime)
  if (!headers['x-forwarded-for']) result.push('x-forwarded-for', `${socket.remoteAddress}:${socket.remotePort}`)
  if (!headers['x-forwarded-host'] && headers.host) result.push('x-forwarded-host', headers.host)
  if (!headers.traceparent) result.push('traceparent', newTraceparent())
  return result
}

const namedByConnection = (connection: string | undefined): string[] | undefined =>
  connection && !/^(?:keep-alive|close)$/i.test(connection)
    ? connection.split(',').map((name) => name.trim().toLowerCase())
    : undefined

/** Whether a bearer token is the connector's, compared in constant time. */
const hasKey = (authorization: string | undefined, key: Buffer): boolean => {
  if (!authorization?.startsWith('Bearer ')) return false
  const given = Buffer.from(authorization.slice('Bearer '.length))
  return given.length === key.length && timingSafeEqual(given, key)
}

/** The answer's headers for the client: the function's win over the platform's, those of the hop go. */
export const responseHeaders = (headers: ResponseHeaders, marks: CallMarks, servedBy: string): ResponseHeaders => {
  const result: ResponseHeaders = { 'x-start-time': marks.startTime, 'x-served-by': servedBy }
  if (marks.madeCallId) result['x-call-id'] = marks.callId
  for (const name in headers) if (!HOP_BY_HOP.has(name)) result[name] = headers[name]
  return result
}
