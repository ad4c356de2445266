import { echo } from '#shared/contracts/problem.ts'
import { Refused } from './refused.ts'

/** How the readings lie in the body. */
export type Form = 'json' | 'ndjson' | 'cloudevent' | 'cloudevents'

const FORMS: ReadonlyMap<string, Form> = new Map([
  ['application/json', 'json'],
  ['application/x-ndjson', 'ndjson'],
  ['application/cloudevents+json', 'cloudevent'],
  ['application/cloudevents-batch+json', 'cloudevents'],
])

const MEDIA_TYPE = /^([a-z0-9.+-]+\/[a-z0-9.+-]+)(?:[ \t]*;[ \t]*charset=(?:utf-8|"utf-8"))?$/i

/**
 * The form that a Content-Type names; exactly, for a loose match would let the type choose which checks run.
 * @throws Refused 415
 */
export const formOf = (headers: Headers): Form => {
  const contentType = headers.get('content-type')
  const form = FORMS.get(MEDIA_TYPE.exec(contentType ?? '')?.[1]?.toLowerCase() ?? '')
  if (form) return form
  if (saysNothing(headers, contentType)) return 'json'
  const given = contentType === null ? 'there is no Content-Type' : `Content-Type ${echo(contentType)} is not supported`
  throw new Refused(415, 'decode', `${given}; send one of ${[...FORMS.keys()].join(', ')}, in UTF-8`)
}

/** OpenFaaS's connectors call all that they carry text, or nothing; a KafkaSource names what the record named, if it did. */
const saysNothing = (headers: Headers, contentType: string | null): boolean => {
  const byConnector = headers.has('x-topic') || headers.has('x-connector')
  if (contentType === null) return byConnector || headers.has('ce-specversion')
  return byConnector && MEDIA_TYPE.exec(contentType)?.[1]?.toLowerCase() === 'text/plain'
}
