import type { Hono } from 'hono'
import type { FunctionDefinition, HttpContext } from '#shared/function/define.ts'
import { functionNames } from './sources.ts'

/** What every handler of functions/ declares. */
export async function functionDefinitions(): Promise<FunctionDefinition[]> {
  const definitions: FunctionDefinition[] = []
  // One after the other: jest's loader of modules fails on imports side by side.
  for (const name of functionNames()) {
    const handler: { default: FunctionDefinition } = await import(`../functions/${name}/handler.ts`)
    definitions.push(handler.default)
  }
  return definitions
}

/** A context that answers nothing: the routes of an app are there before anything is asked of it. */
export const idleContext = {
  settings: {},
  assets: '',
  draining: new AbortController().signal,
  atExit: () => {},
  counter: () => () => {},
  gauge: () => () => {},
} as unknown as HttpContext

/** A route as one word: `GET /a/{b}`. */
export const operation = (method: string, path: string) => `${method.toUpperCase()} ${path}`

/** What an app serves, as OpenAPI writes it: `/a/:b{.+}` is `/a/{b}`; middleware and what refuses methods is no route. */
export const routesOf = (app: Hono): string[] => {
  const routes = app.routes.filter(({ method }) => method !== 'ALL')
  return [
    ...new Set(routes.map(({ method, path }) => operation(method, path.replace(/:(\w+)(\{[^}]*\})?/g, '{$1}')))),
  ].sort()
}
