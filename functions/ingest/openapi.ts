import { z } from 'zod'
import { SentReading } from '#shared/contracts/sent-reading.ts'

const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` })
const body = (type: string, schema: object) => ({ content: { [type]: { schema } } })
const refusal = (description: string) => ({ description, ...body('application/problem+json', ref('Problem')) })

const errors = {
  type: 'array',
  items: {
    type: 'object',
    properties: { path: { type: 'string' }, message: { type: 'string' } },
    required: ['path', 'message'],
  },
}

const readingSchema = (): object => {
  const { $schema, ...schema } = z.toJSONSchema(SentReading, { target: 'draft-2020-12', io: 'input' })
  return schema
}

const reading = ref('Reading')
const event = ref('CloudEvent')

/** The contract of the front door, OpenAPI 3.1. */
export const openApi = () => ({
  openapi: '3.1.0',
  info: {
    title: 'Junction ingest',
    version: '1',
    description:
      'Takes readings and answers 2xx once they are durable. The same reading sent again is accepted again under the same id: repeating a request is always safe.',
  },
  paths: {
    '/': {
      post: {
        summary: 'Send one reading or many',
        parameters: [
          {
            name: 'history',
            in: 'query',
            description: 'These readings are history: no past limit, never late. For operators.',
            schema: { type: 'boolean', default: false },
          },
          { name: 'Content-Encoding', in: 'header', schema: { enum: ['gzip', 'identity'] } },
        ],
        requestBody: {
          required: true,
          content: {
            'application/json': { schema: { oneOf: [reading, { type: 'array', maxItems: 10_000, items: reading }] } },
            'application/x-ndjson': { schema: { type: 'string', description: 'One reading a line' } },
            'application/cloudevents+json': { schema: event },
            'application/cloudevents-batch+json': { schema: { type: 'array', maxItems: 10_000, items: event } },
          },
        },
        responses: {
          202: { description: 'The one reading is durable', ...body('application/json', ref('Accepted')) },
          207: {
            description: 'What became of each',
            ...body('application/json', { type: 'array', items: ref('Item') }),
          },
          400: refusal('Unreadable, or the one reading is not valid'),
          403: refusal('History without the token of an operator'),
          405: refusal('Another method than POST'),
          413: refusal('Over 1 MiB, 10 MiB inflated, or 10,000 readings'),
          415: refusal('A media type or encoding that is not supported'),
          429: refusal('Overloaded: try again after Retry-After'),
          503: refusal('Nothing could be stored: try again after Retry-After'),
        },
      },
    },
  },
  components: {
    schemas: {
      Reading: readingSchema(),
      CloudEvent: {
        type: 'object',
        properties: {
          specversion: { const: '1.0' },
          id: { type: 'string' },
          source: { type: 'string' },
          type: { type: 'string' },
          datacontenttype: { const: 'application/json' },
          data: reading,
        },
        required: ['specversion', 'id', 'source', 'type', 'data'],
      },
      Accepted: { type: 'object', properties: { id: { type: 'string' } }, required: ['id'] },
      Item: {
        type: 'object',
        properties: {
          index: { type: 'integer' },
          status: { enum: [202, 400, 413, 422, 429, 503] },
          id: { type: 'string' },
          errors,
        },
        required: ['index', 'status'],
      },
      Problem: {
        type: 'object',
        properties: {
          type: { type: 'string' },
          title: { type: 'string' },
          status: { type: 'integer' },
          detail: { type: 'string' },
          instance: { type: 'string' },
          code: { type: 'string' },
          traceId: { type: 'string' },
          errors,
        },
        required: ['type', 'title', 'status', 'code'],
      },
    },
  },
})
