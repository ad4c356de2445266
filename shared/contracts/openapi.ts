import { z } from 'zod'
import { PROBLEM_JSON } from './problem.ts'

/** The body of a refusal; a platform before the function may add members of its own. */
const ProblemBody = z.looseObject({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string().optional(),
  instance: z.string().optional(),
  code: z.string(),
  traceId: z.string().optional(),
  errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
})

/** One operation of a path, as OpenAPI writes it. */
interface Operation {
  responses: Record<number, object>
  [field: string]: unknown
}

/** What an HTTP function says of itself; its schemas are JSON Schemas by name. */
export interface Contract {
  title: string
  description?: string
  /** Path → method → operation. */
  paths: Record<string, Record<string, Operation>>
  schemas?: Record<string, object>
}

/** The JSON Schema of what the function answers, or of what it is sent: the one made from the schema that checks it. */
export const schemaOf = (schema: z.ZodType, io: 'input' | 'output' = 'output'): object => {
  const { $schema, ...rest } = z.toJSONSchema(schema, { target: 'draft-2020-12', io })
  return rest
}

/** A schema of the document by its name. */
export const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` })

/** An answer that holds what the named schema says. */
export const answer = (description: string, name: string, type = 'application/json') => ({
  description,
  content: { [type]: { schema: ref(name) } },
})

/** A refusal, as every function words it. */
export const refusal = (description: string) => answer(description, 'Problem', PROBLEM_JSON)

/** The `security` of what asks for a device key or the operator's token. */
export const BEARER = { bearer: [] }

/** What the server around every function may answer to any call, whatever is asked. */
const ANYWHERE = {
  401: refusal('A key or token that is not known, or none where one is needed'),
  429: refusal('Too many calls at once: try again after Retry-After'),
  503: refusal('What the function needs is not there: try again after Retry-After'),
  504: refusal('No answer within the deadline'),
}

const withAnywhere = (path: Contract['paths'][string]) =>
  Object.fromEntries(
    Object.entries(path).map(([method, operation]) => [
      method,
      { ...operation, responses: { ...ANYWHERE, ...operation.responses } },
    ]),
  )

const CONTRACT = { get: { summary: 'This contract', responses: { 200: answer('OpenAPI 3.1', 'Contract') } } }

/** The OpenAPI 3.1 document of a function, to be served at `/openapi.json`; addresses are relative to where it lies. */
export const openApiDocument = ({ title, description, paths, schemas }: Contract) => ({
  openapi: '3.1.1',
  info: {
    title,
    ...(description === undefined ? {} : { description }),
    version: '1',
    license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
  },
  servers: [{ url: './' }],
  paths: Object.fromEntries(
    Object.entries({ ...paths, '/openapi.json': CONTRACT }).map(([path, item]) => [path, withAnywhere(item)]),
  ),
  components: {
    schemas: { ...schemas, Problem: schemaOf(ProblemBody), Contract: { type: 'object' } },
    securitySchemes: { bearer: { type: 'http', scheme: 'bearer', description: 'Where AUTH_MODE is keys' } },
  },
})
