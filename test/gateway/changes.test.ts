import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { type Fixture, functionSource, startFixture, until } from './fixture.ts'

const hello = functionSource(`(request, response) => { request.resume(); response.end('hello') }`)

let fixture: Fixture
beforeAll(async () => {
  fixture = await startFixture({ functions: { hello } })
})
afterAll(async () => {
  await fixture.stop()
  expect(fixture.errors).toEqual([])
})

const send = async (method: string, path: string, body?: object): Promise<number> => {
  const answer = await fetch(`${fixture.gateway.url}${path}`, { method, body: JSON.stringify(body) })
  await answer.text()
  return answer.status
}
const one = { service: 'one', image: 'a/one:1', envProcess: 'cat' }

/** Holds every change up until each of these, asked for in this order, stands in turn; their answers. */
const inTurn = async (...asks: (() => Promise<unknown>)[]): Promise<unknown[]> => {
  const { apply, between } = fixture.deployments
  let go = () => {}
  const gate = new Promise<void>((resolve) => {
    go = resolve
  })
  const held = between(() => gate)
  let standing = 0
  const counted = <T>(change: T): T => {
    standing++
    return change
  }
  fixture.deployments.apply = (...given) => counted(apply(...given))
  fixture.deployments.between = (work) => counted(between(work))
  const answers: Promise<unknown>[] = []
  for (const ask of asks) {
    const answer = ask()
    answers.push(answer)
    const early = answer.then((told) => {
      throw new Error(`answered before its turn: ${told}`)
    })
    await Promise.race([early, until('it stands in turn', () => standing >= answers.length)])
  }
  Object.assign(fixture.deployments, { apply, between })
  go()
  await held
  return Promise.all(answers)
}

const create = (definition: object) => () => send('POST', '/system/functions', definition)

it('lets one of two that create the same function at once have it', async () => {
  expect(await inTurn(create(one), create({ ...one, image: 'a/one:2' }))).toEqual([202, 409])
  expect(fixture.deployments.get('one')?.image).toBe('a/one:1')
})

it('does not bring back a function that went while its update was on the way', async () => {
  const { remove } = fixture.deployments
  const answers = await inTurn(
    () => {
      const removed = remove('hello')
      void fixture.deployments.between(async () => {})
      return removed
    },
    () => send('PUT', '/system/functions', { service: 'hello', image: 'a/hello:2', envProcess: 'cat' }),
  )
  expect(answers).toEqual([true, 404])
  expect(fixture.deployments.get('hello')).toBeUndefined()
})

const namespace = { name: 'other', labels: { openfaas: '1' } }
const forget = () => send('DELETE', '/system/namespace/other', namespace)

it('deploys nothing into a namespace that went, and removes none into which something came', async () => {
  expect(await send('POST', '/system/namespace/', namespace)).toBe(201)
  const there = { ...one, namespace: 'other' }
  expect(await inTurn(forget, create(there))).toEqual([202, 400])
  expect(await send('POST', '/system/namespace/', namespace)).toBe(201)
  expect(await inTurn(create(there), forget)).toEqual([202, 409])
})

it('writes a secret whole, however many write it at once', async () => {
  const values = Array.from({ length: 20 }, (_, i) => String(i).repeat(1_000))
  await Promise.all(values.map((value) => fixture.secrets.write('openfaas-fn', 'shared', Buffer.from(value))))
  const folder = join(fixture.root, 'secrets')
  expect(values).toContain(readFileSync(join(folder, 'shared'), 'utf8'))
  expect(readdirSync(folder)).toEqual(['shared'])
})

it.each(['bus-username', 'bus-password', 'bus-ca', 'bus-cert', 'bus-key', 'nats-creds'])(
  'takes %s, which the drivers of brokers read, for its own',
  async (name) => {
    writeFileSync(join(fixture.root, 'secrets', name), 'of the broker')
    for (const method of ['POST', 'PUT', 'DELETE'])
      expect(await send(method, '/system/secrets', { name, value: 'another' })).toBe(400)
    expect(await fixture.secrets.list('openfaas-fn')).not.toContain(name)
    expect(await send('POST', '/system/functions', { ...one, service: 'reads', secrets: [name] })).toBe(400)
    expect(readFileSync(join(fixture.root, 'secrets', name), 'utf8')).toBe('of the broker')
  },
)
