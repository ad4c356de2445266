import { describe, expect, it } from '@jest/globals'
import { Hono } from 'hono'
import { functionDefinitions, idleContext, operation, routesOf } from './functions.ts'

const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace']

const openApi = async (app: Hono): Promise<string> => (await app.request('/openapi.json')).text()

const documented = async (app: Hono): Promise<string[]> => {
  const { paths } = JSON.parse(await openApi(app)) as { paths: Record<string, object> }
  return Object.entries(paths)
    .flatMap(([path, item]) =>
      Object.keys(item)
        .filter((key) => METHODS.includes(key))
        .map((method) => operation(method, path)),
    )
    .sort()
}

const apps = (await functionDefinitions()).flatMap(({ name, http }): [string, Hono][] =>
  http ? [[name, http(idleContext)]] : [],
)

describe('the contract of an HTTP function', () => {
  it.each(apps)('%s names every route, and no other', async (_name, app) => {
    expect(await documented(app)).toEqual(routesOf(app))
  })

  it.each(apps)('%s refers to schemas it has', async (_name, app) => {
    const text = await openApi(app)
    const { components } = JSON.parse(text) as { components: { schemas: Record<string, object> } }
    const referred = [...text.matchAll(/"#\/components\/schemas\/([^"]*)"/g)].map(([, name]) => name)
    expect(Object.keys(components.schemas)).toEqual(expect.arrayContaining(referred))
  })

  it('is refused with a route too many or too few', async () => {
    const paths = { '/openapi.json': { get: {} }, '/there/{id}': { summary: 'a part of the path', post: {} } }
    const honest = () =>
      new Hono()
        .use(async (_c, next) => next())
        .get('/openapi.json', (c) => c.json({ paths }))
        .post('/there/:id{.+}', (c) => c.body(null))
    expect(await documented(honest())).toEqual(['GET /openapi.json', 'POST /there/{id}'])
    expect(routesOf(honest())).toEqual(await documented(honest()))
    const more = honest().get('/there/:id', (c) => c.body(null))
    expect(routesOf(more)).not.toEqual(await documented(more))
    const fewer = new Hono().get('/openapi.json', (c) => c.json({ paths }))
    expect(routesOf(fewer)).not.toEqual(await documented(fewer))
  })
})
