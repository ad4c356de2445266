import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { openNamespaces } from '#runtime/gateway/namespaces.ts'
import { openSecretStore } from '#runtime/secrets/store.ts'
import { type Fixture, functionSource, startFixture, until } from './fixture.ts'

const hello = functionSource(`(request, response) => { request.resume(); response.end('hello') }`)

let fixture: Fixture
let base: string
beforeAll(async () => {
  fixture = await startFixture({ functions: { hello } })
  base = fixture.gateway.url
})
afterAll(async () => {
  await fixture.stop()
  expect(fixture.errors).toEqual([])
})

const send = async (method: string, path: string, body: object) => {
  const answer = await fetch(`${base}${path}`, { method, body: JSON.stringify(body) })
  return { status: answer.status, text: await answer.text() }
}

it('keeps values where only their owner reads them, and answers none', async () => {
  const bytes = Buffer.from([0, 255, 10, 13])
  const made = await send('POST', '/system/secrets', {
    ...{ name: 'raw', value: 'the text loses', rawValue: bytes.toString('base64') },
  })
  expect(made).toEqual({ status: 201, text: '' })
  const file = join(fixture.root, 'secrets/raw')
  expect(readFileSync(file)).toEqual(bytes)
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect((await send('PUT', '/system/secrets', { name: 'raw', value: 'a text' })).status).toBe(200)
  expect(readFileSync(file, 'utf8')).toBe('a text')
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(await (await fetch(`${base}/system/secrets`)).json()).toEqual([{ name: 'raw', namespace: 'openfaas-fn' }])
  for (const value of [{ value: '' }, {}, { rawValue: 'no base64!' }])
    expect((await send('PUT', '/system/secrets', { name: 'raw', ...value })).status).toBe(400)
  expect(readFileSync(file, 'utf8')).toBe('a text')
})

it('lets a program read the secrets it names, as they are now, and no others', async () => {
  for (const name of ['mine', 'of-another']) await send('POST', '/system/secrets', { name, value: `${name} at first` })
  const reads = {
    ...{ service: 'reads', image: 'a/reads:1', secrets: ['mine'] },
    envProcess: 'xargs -I{} sh -c {}',
  }
  expect((await send('POST', '/system/functions', reads)).status).toBe(202)
  const run = async (command: string) =>
    (await fetch(`${base}/function/reads`, { method: 'POST', body: command })).text()
  expect(await run('cat $OPENFAAS_SECRETS_DIR/mine')).toBe('mine at first')
  expect(await run('ls $OPENFAAS_SECRETS_DIR')).toBe('mine\n')
  expect((await send('PUT', '/system/secrets', { name: 'mine', value: 'mine by now' })).status).toBe(200)
  expect(await run('cat $OPENFAAS_SECRETS_DIR/mine')).toBe('mine by now')
  expect((await send('PUT', '/system/functions', { ...reads, secrets: ['of-another'] })).status).toBe(202)
  await until('the other secret alone', async () => (await run('ls $OPENFAAS_SECRETS_DIR')) === 'of-another\n')
})

it("gives a program none of Junction's own, and what is built here all of them, in every namespace", async () => {
  const secrets = ['operator-token', 'basic-auth-password']
  const asked = { service: 'wants', image: 'a/wants:1', envProcess: 'cat', secrets }
  const refused = await send('POST', '/system/functions', asked)
  expect([refused.status, refused.text]).toEqual([400, expect.stringContaining('secrets: operator-token is Junction')])
  expect((await send('POST', '/system/namespace/', { name: 'own', labels: { openfaas: '1' } })).status).toBe(201)
  const built = { ...asked, service: 'hello', image: 'a/hello:1', namespace: 'own' }
  expect((await send('POST', '/system/functions', built)).status).toBe(202)
  expect((await send('DELETE', '/system/functions', { functionName: 'hello.own' })).status).toBe(202)
  expect((await send('DELETE', '/system/namespace/own', {})).status).toBe(202)
})

it('says which file of namespaces cannot be read', async () => {
  const file = join(fixture.root, 'broken.json')
  writeFileSync(file, '[{"name":')
  await expect(openNamespaces(file)).rejects.toThrow(`${file} cannot be read`)
})

it('parts the secrets of namespaces, and keeps namespaces over a restart', async () => {
  const dev = { name: 'dev', labels: { openfaas: '1' }, annotations: { team: 'roads' } }
  expect((await send('POST', '/system/namespace/', dev)).status).toBe(201)
  // A secret may bear the name of a namespace.
  expect((await send('POST', '/system/secrets', { name: 'dev', value: 'x' })).status).toBe(201)
  expect((await send('POST', '/system/secrets?namespace=dev', { name: 'dev', value: 'y' })).status).toBe(201)
  expect((await send('POST', '/system/secrets', { name: 'only', namespace: 'dev', value: 'z' })).status).toBe(201)
  expect((await send('POST', '/system/secrets', { name: 'a', namespace: 'nowhere', value: 'z' })).status).toBe(404)
  const list = async (namespace: string) =>
    (await fetch(`${base}/system/secrets?namespace=${namespace}`)).json() as Promise<{ name: string }[]>
  expect((await list('dev')).map(({ name }) => name)).toEqual(['dev', 'only'])
  expect((await list('openfaas-fn')).map(({ name }) => name)).not.toContain('only')

  const again = await openNamespaces(join(fixture.root, 'namespaces.json'))
  expect(again.list().map(({ name }) => name)).toEqual(['openfaas-fn', 'dev'])
  expect(again.get('dev')).toEqual(dev)

  expect((await send('DELETE', '/system/namespace/dev', {})).status).toBe(202)
  expect(await openSecretStore(join(fixture.root, 'secrets')).list('dev')).toEqual([])
  expect((await list('openfaas-fn')).map(({ name }) => name)).toContain('dev')
})
