import type { Runnable } from '../../deployments/definition.ts'
import type { Deployments } from '../../deployments/types.ts'
import type { ReplicaPools } from '../../replicas/pools.ts'
import { usageOf } from '../../replicas/usage.ts'
import { isOwn, isSecretName } from '../../secrets/secret-name.ts'
import type { SecretStore } from '../../secrets/store.ts'
import { keyOf, NAMESPACE } from '../../stack/key.ts'
import type { StackFunction } from '../../stack/types.ts'
import { definitionOf } from '../definition.ts'
import { functionStatusOf } from '../function-status.ts'
import type { Metrics } from '../metrics.ts'
import type { Namespaces } from '../namespaces.ts'
import { Refused } from '../problem.ts'
import { DeleteFunctionRequest, FunctionDeployment, invalid, readJson, ScaleServiceRequest } from '../requests.ts'
import { targetKey } from '../target.ts'
import { READ, type Route } from './route.ts'

/** What the routes of functions work on. */
export interface FunctionRoutes {
  deployments: Deployments
  pools: Pick<ReplicaPools, 'get' | 'ask'>
  metrics: Metrics
  namespaces: Namespaces
  secrets: SecretStore
  /** What deployments may name. */
  runnable(): Runnable
}

const ALL = { pattern: /^\/system\/functions$/, label: '/system/functions' }
/** What a query says for yes. */
const YES = ['1', 'true']

/** OpenFaaS's routes of functions. */
export const functionRoutes = (sources: FunctionRoutes): Route[] => {
  const { deployments, pools } = sources
  const find = (wanted: string, namespace: string | null | undefined): StackFunction | undefined =>
    deployments.get(targetKey(wanted, namespace || undefined) ?? '')
  return [
    {
      ...ALL,
      methods: READ,
      answer: ({ query, headers }) => {
        const namespace = query.get('namespace') || NAMESPACE
        const there = deployments.list().filter((one) => one.namespace === namespace)
        const all = there.map((one) => functionStatusOf(one, sources))
        // `faas-cli diff` holds every label of this list against stack.yml, where the one that is added here does not stand.
        if (!headers['user-agent']?.startsWith('faas-cli/')) return { status: 200, json: all }
        return { status: 200, json: all.map((status, i) => ({ ...status, labels: there[i]?.labels })) }
      },
    },
    {
      ...ALL,
      methods: ['POST'],
      answer: async ({ body, query }) => {
        const definition = await readDeployment(sources, inNamespace(readJson(FunctionDeployment, body), query))
        await deployments.apply(definition, (isThere) => {
          if (isThere) throw exists(definition.name)
          refuseNowhere(sources, definition)
        })
        return { status: 202 }
      },
    },
    {
      ...ALL,
      methods: ['PUT'],
      answer: async ({ body, query }) => {
        const asked = inNamespace(readJson(FunctionDeployment, body), query)
        // Before what it asks for is looked at: a 404 tells faas-cli to deploy it with POST.
        if (!find(asked.service, asked.namespace)) throw unknown(asked.service)
        await deployments.apply(await readDeployment(sources, asked), (isThere) => {
          if (!isThere) throw unknown(asked.service)
        })
        return { status: 202 }
      },
    },
    {
      ...ALL,
      methods: ['DELETE'],
      answer: async ({ body, query }) => {
        const { functionName, namespace } = readJson(DeleteFunctionRequest, body)
        const found = find(functionName, namespace || query.get('namespace'))
        if (!found || !(await deployments.remove(keyOf(found)))) throw unknown(functionName)
        return { status: 202 }
      },
    },
    {
      methods: READ,
      pattern: /^\/system\/function\/([^/]+)$/,
      label: '/system/function',
      answer: async ({ parameter, query }) => {
        const definition = find(parameter, query.get('namespace'))
        if (!definition) return { status: 404 }
        // The invocation count is in the list alone.
        const status = { ...functionStatusOf(definition, sources), invocationCount: undefined }
        const pids = pools.get(keyOf(definition))?.pids() ?? []
        if (pids.length === 0 || !YES.includes(query.get('usage') ?? '')) return { status: 200, json: status }
        return { status: 200, json: { ...status, usage: await usageOf(pids) } }
      },
    },
    {
      methods: ['POST'],
      pattern: /^\/system\/scale-function\/([^/]+)$/,
      label: '/system/scale-function',
      answer: ({ parameter, query, body }) => {
        const { replicas, namespace } = readJson(ScaleServiceRequest, body)
        const definition = find(parameter, namespace || query.get('namespace'))
        if (!definition) throw unknown(parameter)
        pools.ask(keyOf(definition), (pool) => pool.scale(replicas))
        return { status: 202 }
      },
    },
  ]
}

/** The namespace may stand in the query instead of the body. */
const inNamespace = (asked: FunctionDeployment, query: URLSearchParams): FunctionDeployment => ({
  ...asked,
  namespace: asked.namespace || query.get('namespace') || undefined,
})

const refuseNowhere = ({ namespaces }: FunctionRoutes, { namespace }: StackFunction): void => {
  if (!namespaces.get(namespace)) throw invalid(`namespace: there is no namespace ${namespace}: create it first`)
}

const readDeployment = async (sources: FunctionRoutes, asked: FunctionDeployment): Promise<StackFunction> => {
  const definition = definitionOf(asked, sources.runnable())
  refuseNowhere(sources, definition)
  const { namespace } = definition
  const { secrets } = sources
  for (const name of definition.secrets) {
    if (isOwn(name)) {
      // What is built here has them in every namespace.
      if (definition.program.kind === 'built') continue
      throw invalid(`secrets: ${name} is Junction's own, which no program is given: remove it from the deployment`)
    }
    if (!isSecretName(name) || !(await secrets.has(namespace, name)))
      throw invalid(`secrets: there is no secret ${name.slice(0, 64)} in ${namespace}: create it first`)
  }
  return definition
}

const exists = (name: string): Refused =>
  new Refused({
    ...{ status: 409, title: 'Conflict', code: 'conflict' },
    detail: `the function ${name} exists already: update it with PUT`,
  })

const unknown = (name: string): Refused =>
  new Refused({
    ...{ status: 404, title: 'Unknown function', code: 'not_found' },
    detail: `there is no function ${name.slice(0, 128)}`,
  })
