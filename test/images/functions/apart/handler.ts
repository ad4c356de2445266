import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Hono } from 'hono'
import { defineFunction } from '#shared/function/define.ts'

/** Answers with what it declares to read. */
export default defineFunction({
  name: 'apart',
  access: { '/': 'anonymous' },
  http: ({ assets }) =>
    new Hono().get('/', async (c) => c.text(await readFile(join(assets, 'words/hello.txt'), 'utf8'))),
})
