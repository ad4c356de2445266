import { Hono } from 'hono'
import { defineFunction } from '#shared/function/define.ts'

/** Says hello to whoever calls. */
export default defineFunction({
  // As in stack.yml.
  name: 'hello',
  access: { '/': 'anonymous' },
  http: () => new Hono().get('/', (c) => c.text('hello\n')),
})
