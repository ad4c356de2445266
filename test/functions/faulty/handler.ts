import { Hono } from 'hono'
import { answer, openApiDocument } from '#shared/contracts/openapi.ts'
import { defineFunction } from '#shared/function/define.ts'

const operation = (summary: string) => ({
  summary,
  parameters: [{ name: 'n', in: 'query', required: true, schema: { type: 'integer', minimum: 0, maximum: 1000 } }],
  responses: { 200: answer('The number', 'Number') },
})

/** Breaks its own contract on some input, in a way of its own on each path: what drives contracts must see it. */
export default defineFunction({
  name: 'faulty',
  access: { '/*': 'anonymous' },
  http: () =>
    new Hono()
      .get('/fails', (c) => {
        if (Number(c.req.query('n')) > 500) throw new Error('over 500')
        return c.json({ n: 1 })
      })
      .get('/refuses', (c) => (Number(c.req.query('n')) > 500 ? c.json({ n: 1 }, 409) : c.json({ n: 1 })))
      .get('/speaks', (c) => (Number(c.req.query('n')) > 500 ? c.text('1') : c.json({ n: 1 })))
      .get('/lies', (c) => c.json({ n: Number(c.req.query('n')) > 500 ? '1' : 1 }))
      .get('/openapi.json', (c) =>
        c.json(
          openApiDocument({
            title: 'faulty',
            paths: {
              '/fails': { get: operation('Answers 500') },
              '/refuses': { get: operation('Answers a status that is not documented') },
              '/speaks': { get: operation('Answers a content type that is not documented') },
              '/lies': { get: operation('Answers what the schema refuses') },
            },
            schemas: { Number: { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] } },
          }),
        ),
      ),
})
