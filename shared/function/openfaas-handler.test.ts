import { describe, expect, it } from '@jest/globals'
import { pino } from 'pino'
import type { HttpContext } from './define.ts'
import { fromOpenFaasHandler, type OpenFaasHandler } from './openfaas-handler.ts'

const app = (handler: OpenFaasHandler) => {
  const context = { log: pino({ level: 'silent' }) } as HttpContext
  const made = fromOpenFaasHandler('official', handler).http?.(context)
  if (!made) throw new Error('no app')
  return made
}
const post = (body: string, type?: string) => ({
  method: 'POST',
  body,
  headers: type ? { 'Content-Type': type } : {},
})

describe('a handler of the official template', () => {
  it('answers with the value it resolves to', async () => {
    const answer = await app(async (event) => ({ got: event.body })).request('/', post('{"a":1}', 'application/json'))
    expect([answer.status, await answer.text()]).toEqual([200, '{"got":{"a":1}}'])
  })

  it('answers 500 when it throws, where the template answers 200', async () => {
    const answer = await app(async () => {
      throw new Error('secret detail')
    }).request('/', post('x'))
    expect(answer.status).toBe(500)
    expect(await answer.text()).not.toContain('secret')
  })

  it('keeps the status and the headers it set', async () => {
    const answer = await app(async (_event, context) => {
      context.status(201).headers({ 'X-Made': 'yes' }).succeed('done')
    }).request('/', post('x'))
    expect([answer.status, answer.headers.get('x-made'), await answer.text()]).toEqual([201, 'yes', 'done'])
  })

  it('sees body, query, path and method as the template gives them', async () => {
    const seen: unknown[] = []
    const echo = app(async ({ body, query, path, method }) => {
      seen.push([body, query, path, method])
    })
    await echo.request('/p/q?x=1', post('plain', 'text/plain'))
    await echo.request('/', post('a=1&b=2', 'application/x-www-form-urlencoded'))
    await echo.request('/', post('raw', 'application/octet-stream'))
    expect(seen).toEqual([
      ['plain', { x: '1' }, '/p/q', 'POST'],
      [{ a: '1', b: '2' }, {}, '/', 'POST'],
      [undefined, {}, '/', 'POST'],
    ])
  })

  it('answers through the callback and through fail', async () => {
    expect((await app((_e, _c, callback) => callback(null, 'by callback')).request('/', post('x'))).status).toBe(200)
    expect((await app((_e, context) => context.fail('no')).request('/', post('x'))).status).toBe(500)
    expect((await app((_e, _c, callback) => callback(new Error('no'))).request('/', post('x'))).status).toBe(500)
  })
})
