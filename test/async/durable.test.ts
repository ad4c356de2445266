import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { openRuntime, type Runtime, until } from '../e2e/runtime.ts'
import { freePort } from '../ports.ts'
import { quickRetries, startListener } from './harness.ts'

const folder = mkdtempSync(join(tmpdir(), 'junction-async-'))
const file = (name: string) => join(folder, name)
const STACK = `version: 1.0
provider:
  name: openfaas
functions:
  ingest:
    lang: node-ts
    handler: ./functions/ingest
    image: junction/ingest:test
`
/** Has no effect before the file `go` is there. */
const SCRIPT = `#!/bin/sh
echo begun >> ${file('begun')}
while [ ! -e ${file('go')} ]; do sleep 0.05; done
body=$(cat)
echo "$body" >> ${file('effects')}
`
const effects = () => (existsSync(file('effects')) ? readFileSync(file('effects'), 'utf8').trim().split('\n') : [])
const begun = () => (existsSync(file('begun')) ? readFileSync(file('begun'), 'utf8').trim().split('\n').length : 0)

const PATIENCE_MS = 240_000
let runtime: Runtime
let listener: Awaited<ReturnType<typeof startListener>>
beforeAll(async () => {
  listener = await startListener()
  // As root PostgreSQL runs as another user, who must be able to walk to its folder.
  chmodSync(folder, 0o711)
  writeFileSync(file('stack.yml'), STACK)
  writeFileSync(file('append.sh'), SCRIPT, { mode: 0o755 })
  runtime = openRuntime({ folder, port: await freePort(), args: ['--stack', file('stack.yml')] })
  await runtime.start()
  const response = await fetch(`${runtime.url}/system/functions`, {
    method: 'POST',
    body: JSON.stringify({
      ...{ service: 'append', image: 'any/append:1', envProcess: file('append.sh') },
      annotations: quickRetries(100),
    }),
  })
  expect(response.status).toBe(202)
}, PATIENCE_MS)
afterAll(async () => {
  await listener.stop()
  await runtime.stop()
  rmSync(folder, { recursive: true, force: true })
})

const leave = async (body: string, headers: Record<string, string> = {}): Promise<string> => {
  const response = await fetch(`${runtime.url}/async-function/append`, { method: 'POST', body, headers })
  expect(response.status).toBe(202)
  return response.headers.get('x-call-id') as string
}
const stateOf = async (id: string) =>
  ((await (await fetch(`${runtime.url}/_local/invocations/${id}`)).json()) as { status: string }).status
/** Kills the runtime while the function is at the call it was left. */
const killWithin = async (calls: number) => {
  await until('the function is at it', async () => begun() === calls)
  expect(effects()).toEqual([])
  expect(await runtime.crash()).toEqual([])
}

it(
  'a call that was forgotten has no effect: what follows is no accident',
  async () => {
    await leave('forgotten')
    await until('the function is at it', async () => begun() === 1)
    await runtime.retried((database) => database.query('truncate async_call cascade'))
    await killWithin(1)
    writeFileSync(file('go'), '')
    await runtime.start()
    // Long enough for a call that was left only now to have its effect.
    const id = await leave('seen')
    await until('another call is made', async () => (await stateOf(id)) === 'done')
    expect(effects()).not.toContain('forgotten')
    rmSync(file('go'))
    rmSync(file('effects'))
    rmSync(file('begun'))
  },
  PATIENCE_MS,
)

it(
  'a call that was accepted is made though the runtime is killed, and so is its callback',
  async () => {
    const id = await leave('accepted', { 'x-callback-url': listener.url })
    const others = await Promise.all(['one', 'two'].map((body) => leave(body)))
    await killWithin(3)
    writeFileSync(file('go'), '')
    await runtime.start()
    for (const one of [id, ...others]) await until(`${one} is done`, async () => (await stateOf(one)) === 'done')
    expect(effects().sort()).toEqual(['accepted', 'one', 'two'])
    await until('it is told', async () => listener.seen.length === 1)
    expect(listener.seen).toMatchObject([{ headers: { 'x-call-id': id, 'x-function-status': '200' } }])
  },
  PATIENCE_MS,
)

it(
  'of many calls none is lost while the runtime is killed again and again',
  async () => {
    rmSync(file('effects'))
    const accepted = Array.from({ length: 150 }, (_, n) => `call-${n}`)
    const left: Promise<string>[] = []
    for (const [n, body] of accepted.entries()) {
      left.push(leave(body))
      if (n % 50 !== 49) continue
      await Promise.all(left)
      await until('some are made', async () => effects().length > n / 3)
      expect(await runtime.crash()).toEqual([])
      await runtime.start()
    }
    const ids = await Promise.all(left)
    for (const id of ids) await until(`${id} is done`, async () => (await stateOf(id)) === 'done')
    const made = new Set(effects())
    expect(accepted.filter((body) => !made.has(body))).toEqual([])
  },
  PATIENCE_MS,
)
