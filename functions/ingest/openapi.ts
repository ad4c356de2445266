import { z } from 'zod'
import { answer, BEARER, openApiDocument, ref, refusal, schemaOf } from '#shared/contracts/openapi.ts'
import { SentReading } from '#shared/contracts/sent-reading.ts'

const Accepted = z.strictObject({ id: z.string() })

/** What became of one reading of several. */
const Item = z.strictObject({
  index: z.int().nonnegative(),
  status: z.literal([202, 400, 403, 413, 422, 429, 503]),
  id: z.string().optional(),
  code: z.string().optional(),
  errors: z.array(z.strictObject({ path: z.string(), message: z.string() })).optional(),
})

const reading = ref('Reading')
const event = ref('CloudEvent')
const many = (items: object) => ({ type: 'array', maxItems: 10_000, items })

const example = {
  device: 'loop-773869',
  observedAt: '2012-03-01T00:00:00-08:00',
  seq: 17,
  location: { type: 'Point', coordinates: [-118.31829, 34.15497] },
  measures: { speed: 40, count: 12 },
  units: { speed: 'HM' },
}
const eventExample = {
  specversion: '1.0',
  id: '17',
  source: '/edge/7',
  type: 'city.junction.readings.v1',
  datacontenttype: 'application/json',
  data: example,
}

/** The contract of the front door, OpenAPI 3.1. */
export const openApi = () =>
  openApiDocument({
    title: 'Junction ingest',
    description:
      'Takes readings and answers 2xx once they are durable. The same reading sent again is accepted again under the same id: repeating a request is always safe. A body may be gzip (Content-Encoding), and a CloudEvent may come in binary mode, its attributes in headers.',
    paths: {
      '/': {
        post: {
          summary: 'Send one reading or many',
          security: [BEARER],
          parameters: [
            {
              name: 'history',
              in: 'query',
              description: 'These readings are history: no past limit, never late. For operators.',
              schema: { type: 'boolean', default: false },
              example: true,
            },
            {
              name: 'received',
              in: 'query',
              description:
                'When a gateway of yours, or a replay, took these readings in: late is what came LATE_AFTER after its observation by then. City time unless given. For operators.',
              schema: { type: 'string', format: 'date-time' },
            },
          ],
          requestBody: {
            required: true,
            content: {
              'application/json': { schema: { oneOf: [reading, many(reading)] }, example },
              'application/x-ndjson': {
                schema: { type: 'string', description: 'One reading a line' },
                example: JSON.stringify(example),
              },
              'application/cloudevents+json': { schema: event, example: eventExample },
              'application/cloudevents-batch+json': { schema: many(event), example: [eventExample] },
            },
          },
          responses: {
            202: answer('The one reading is durable', 'Accepted'),
            207: answer('What became of each', 'Items'),
            400: refusal('Unreadable, or the one reading is not valid'),
            403: refusal(
              'A device that this key may not speak for, or history or received without the token of an operator',
            ),
            405: refusal('Another method than POST'),
            413: refusal('Over 1 MiB, 10 MiB inflated, or 10,000 readings'),
            415: refusal('A media type or encoding that is not supported'),
            422: refusal('The one reading cannot be kept'),
          },
        },
      },
    },
    schemas: {
      Reading: schemaOf(SentReading, 'input'),
      CloudEvent: {
        type: 'object',
        properties: {
          specversion: { const: '1.0' },
          id: { type: 'string', minLength: 1 },
          source: { type: 'string', minLength: 1 },
          type: { type: 'string', minLength: 1 },
          datacontenttype: { const: 'application/json' },
          data: { oneOf: [reading, many(reading)] },
          data_base64: { type: 'string', contentEncoding: 'base64', description: 'In the place of data' },
        },
        required: ['specversion', 'id', 'source', 'type'],
        oneOf: [{ required: ['data'] }, { required: ['data_base64'] }],
      },
      Accepted: schemaOf(Accepted),
      Items: schemaOf(z.array(Item)),
    },
  })
