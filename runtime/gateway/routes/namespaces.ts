import type { Deployments } from '../../deployments/types.ts'
import type { SecretStore } from '../../secrets/store.ts'
import { NAMESPACE } from '../../stack/key.ts'
import type { Namespace, Namespaces } from '../namespaces.ts'
import { Refused } from '../problem.ts'
import { FunctionNamespace, invalid, readJson } from '../requests.ts'
import { isName } from '../target.ts'
import { READ, type Route } from './route.ts'

/** What the routes of namespaces work on. */
export interface NamespaceRoutes {
  namespaces: Namespaces
  secrets: SecretStore
  deployments: Deployments
}

const ONE = /^\/system\/namespace\/([^/]+)$/

/** OpenFaaS's routes of namespaces. */
export const namespaceRoutes = (sources: NamespaceRoutes): Route[] => [
  {
    methods: READ,
    pattern: /^\/system\/namespaces$/,
    label: '/system/namespaces',
    answer: () => ({ status: 200, json: sources.namespaces.list().map(({ name }) => name) }),
  },
  {
    methods: ['POST'],
    pattern: /^\/system\/namespace\/$/,
    label: '/system/namespace/',
    answer: async ({ body }) => {
      const asked = readNamespace(body)
      if (sources.namespaces.get(asked.name)) throw conflict(`the namespace ${asked.name} exists already`)
      await sources.namespaces.put(asked)
      return { status: 201 }
    },
  },
  {
    methods: READ,
    pattern: ONE,
    label: '/system/namespace',
    answer: ({ parameter }) => {
      const { name, labels, annotations } = found(sources, parameter)
      return { status: 200, json: { name, ...(Object.keys(annotations).length > 0 ? { annotations } : {}), labels } }
    },
  },
  {
    methods: ['PUT'],
    pattern: ONE,
    label: '/system/namespace',
    answer: async ({ parameter, body }) => {
      const asked = readNamespace(body)
      if (asked.name !== parameter) throw invalid(`name: the path says ${parameter}, the body ${asked.name}`)
      found(sources, parameter)
      refuseDefault(parameter, 'changed')
      await sources.namespaces.put(asked)
      return { status: 202 }
    },
  },
  {
    methods: ['DELETE'],
    pattern: ONE,
    label: '/system/namespace',
    answer: async ({ parameter }) => {
      refuseDefault(parameter, 'removed')
      const { deployments, namespaces, secrets } = sources
      await deployments.between(async () => {
        found(sources, parameter)
        const count = deployments.list().filter(({ namespace }) => namespace === parameter).length
        if (count > 0) throw conflict(`the namespace ${parameter} still has functions (${count}): remove them first`)
        await namespaces.remove(parameter)
        await secrets.removeAll(parameter)
      })
      return { status: 202 }
    },
  },
]

const readNamespace = (body: Buffer): Namespace => {
  const { name, labels = {}, annotations = {} } = readJson(FunctionNamespace, body)
  if (!isName(name)) throw invalid(`name: "${name.slice(0, 64)}" is no DNS label`)
  if (labels.openfaas !== '1') throw invalid('labels.openfaas: it must be "1"')
  return { name, labels, annotations }
}

const found = ({ namespaces }: NamespaceRoutes, name: string): Namespace => {
  const namespace = namespaces.get(name)
  if (namespace) return namespace
  throw new Refused({
    ...{ status: 404, title: 'Unknown namespace', code: 'not_found' },
    detail: `there is no namespace ${name.slice(0, 64)}`,
  })
}

const refuseDefault = (name: string, what: string): void => {
  if (name === NAMESPACE) throw invalid(`the default namespace ${NAMESPACE} cannot be ${what}`)
}

const conflict = (detail: string): Refused => new Refused({ status: 409, title: 'Conflict', detail, code: 'conflict' })
