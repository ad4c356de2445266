import { answer, BEARER, openApiDocument, ref, refusal, schemaOf } from '#shared/contracts/openapi.ts'
import { Answer, ModelInService } from './answer.ts'
import { MOST, Question } from './question.ts'

/** Either of the two, never both: what the schema of a question cannot say by itself. */
const question = { ...schemaOf(Question, 'input'), oneOf: [{ required: ['segments'] }, { required: ['series'] }] }

const examples = {
  segments: { summary: 'Segments of the city', value: { segments: ['ring-1'] } },
  series: {
    summary: 'Readings of your own',
    value: {
      series: [
        {
          segment: 'ring-1',
          unit: 'KMH',
          until: '2026-03-02T07:55:00Z',
          values: [48, 47.5, 47, null, 45, 41, 38, 33, 30, 28, 26, 25],
        },
      ],
    },
  },
}

/** The contract of the forecasts, OpenAPI 3.1. */
export const openApi = () =>
  openApiDocument({
    title: 'Junction forecasts',
    description:
      'Forecasts of the next hour, each naming where it comes from: the model, else what is usual at that time, else the newest value itself. Those that are made every window are in the contract of the city.',
    paths: {
      '/': {
        get: {
          summary: 'The model in service',
          security: [BEARER],
          responses: { 200: answer('What it is, and what it was trained on', 'ModelInService') },
        },
        post: {
          summary: 'Forecast segments of the city, or readings of your own',
          description: `At most ${MOST} in one call. Series that end at the same instant are each other's neighbours.`,
          security: [BEARER],
          requestBody: { required: true, content: { 'application/json': { schema: ref('Question'), examples } } },
          responses: {
            200: answer('A forecast of each, in their order', 'Answer'),
            400: refusal('Unreadable, or not a valid question'),
            413: refusal('Over 1 MiB'),
            415: refusal('A media type that is not application/json'),
          },
        },
      },
    },
    schemas: { Question: question, Answer: schemaOf(Answer), ModelInService: schemaOf(ModelInService) },
  })
