/** A function that people and programs call over HTTP, with a contract of its own. */
export function httpFunction(name) {
  return {
    comment: 'HTTP → a greeting',
    annotations: {},
    says: {
      'handler.ts': 'who may call what',
      'api.ts': 'its routes: begin here',
      'openapi.ts': 'its contract, which npm run check holds to the routes',
      'api.test.ts': `its test: npm test functions/${name}`,
    },
    look: `call it: curl http://127.0.0.1:8080/function/${name}`,
    files: {
      'handler.ts': `import { defineFunction } from '#shared/function/define.ts'
import { api } from './api.ts'

/** Greets whoever calls. */
export default defineFunction({
  name: '${name}',
  // What is not named here is for operators.
  access: { '/': 'anonymous', '/openapi.json': 'anonymous' },
  http: (ctx) => api(ctx),
})
`,
      'api.ts': `import { Hono } from 'hono'
import { PROBLEM_JSON, problem } from '#shared/contracts/problem.ts'
import type { HttpContext } from '#shared/function/define.ts'
import { type Greeting, openApi, Who } from './openapi.ts'

/** The routes of this function. */
export function api({ now }: Pick<HttpContext, 'now'>): Hono {
  const app = new Hono()

  app.get('/', async (c) => {
    const who = Who.safeParse(c.req.query('who'))
    if (!who.success) {
      const errors = who.error.issues.map(({ message }) => ({ path: '/who', message }))
      return c.body(JSON.stringify(problem(400, 'invalid', { errors })), 400, { 'content-type': PROBLEM_JSON })
    }
    const body: Greeting = { greeting: \`Hello, \${who.data}\`, asOf: (await now()).toISOString() }
    return c.json(body)
  })

  app.get('/openapi.json', (c) => c.json(openApi()))
  return app
}
`,
      'openapi.ts': `import { z } from 'zod'
import { answer, openApiDocument, refusal, schemaOf } from '#shared/contracts/openapi.ts'

/** Whom to greet. */
export const Who = z.string().min(1).max(64).default('city')

/** What is answered. */
const Greeting = z.strictObject({ greeting: z.string(), asOf: z.iso.datetime() })
export type Greeting = z.infer<typeof Greeting>

/** The contract of this function: OpenAPI 3.1, its schemas made from those that check the data. */
export const openApi = () =>
  openApiDocument({
    title: '${name}',
    paths: {
      '/': {
        get: {
          summary: 'A greeting, and the time in the city',
          parameters: [{ name: 'who', in: 'query', schema: schemaOf(Who, 'input') }],
          responses: { 200: answer('A greeting', 'Greeting'), 400: refusal('The query is not valid') },
        },
      },
    },
    schemas: { Greeting: schemaOf(Greeting) },
  })
`,
      'api.test.ts': `import { expect, it } from '@jest/globals'
import { api } from './api.ts'

const app = api({ now: async () => new Date('2026-03-02T08:00:00Z') })

it('greets with the time of the city', async () => {
  const answer = await app.request('/?who=Ada')
  expect(await answer.json()).toEqual({ greeting: 'Hello, Ada', asOf: '2026-03-02T08:00:00.000Z' })
})

it('refuses an empty name', async () => {
  const answer = await app.request('/?who=')
  expect(answer.status).toBe(400)
  expect(await answer.json()).toMatchObject({ code: 'invalid', errors: [{ path: '/who' }] })
})
`,
    },
  }
}
