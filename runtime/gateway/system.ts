import type { ReplicaPools } from '../replicas/pools.ts'
import type { StackFunction } from '../stack/types.ts'
import type { Metrics } from './metrics.ts'
import type { Problem } from './problem.ts'
import { functionName, NAMESPACE } from './target.ts'

/** OpenFaaS's FunctionStatus; what is unset is absent, never empty. */
export interface FunctionStatus {
  name: string
  namespace: string
  image: string
  envProcess?: string
  envVars?: Record<string, string>
  constraints?: string[]
  secrets?: string[]
  labels: Record<string, string>
  annotations: Record<string, string>
  limits?: Record<string, string>
  requests?: Record<string, string>
  readOnlyRootFilesystem?: true
  invocationCount?: number
  replicas?: number
  availableReplicas?: number
  createdAt: string
}

export interface SystemOptions {
  functions: StackFunction[]
  pools: ReplicaPools
  metrics: Metrics
  version: string
  /** When the stack was put into service. */
  createdAt: Date
}

/** An answer of the REST API: JSON, a problem, or without a body. */
export interface SystemAnswer {
  status: number
  json?: unknown
  problem?: Problem
  headers?: Record<string, string>
}

/** OpenFaaS's REST API over a stack. */
export const createSystem = ({ functions, pools, metrics, version, createdAt }: SystemOptions) => {
  const find = (wanted: string) => functions.find(({ name }) => name === functionName(wanted))

  const status = (definition: StackFunction): FunctionStatus => {
    const { name, image, labels, annotations, environment, constraints, secrets, limits, requests } = definition
    const counts = pools.get(name)?.counts()
    const replicas = (counts?.ready ?? 0) + (counts?.starting ?? 0)
    return {
      name,
      namespace: NAMESPACE,
      image,
      ...(definition.envProcess ? { envProcess: definition.envProcess } : {}),
      ...(Object.keys(environment).length > 0 ? { envVars: environment } : {}),
      ...(constraints.length > 0 ? { constraints } : {}),
      ...(secrets.length > 0 ? { secrets } : {}),
      labels: { ...labels, faas_function: name },
      annotations,
      ...(limits ? { limits } : {}),
      ...(requests ? { requests } : {}),
      ...(definition.readOnlyRootFilesystem ? { readOnlyRootFilesystem: true as const } : {}),
      ...(metrics.invocations(name) > 0 ? { invocationCount: metrics.invocations(name) } : {}),
      ...(replicas > 0 ? { replicas } : {}),
      ...(counts?.ready ? { availableReplicas: counts.ready } : {}),
      createdAt: createdAt.toISOString(),
    }
  }

  return {
    /** The bare address of the gateway leads people to the page, where there is one. */
    home: (): SystemAnswer =>
      find('city')
        ? { status: 302, headers: { location: '/function/city/' } }
        : { status: 404, problem: { status: 404, title: 'Not found', detail: 'nothing is at /', code: 'not_found' } },
    list: (namespace: string | null): SystemAnswer => ({
      status: 200,
      json: namespace && namespace !== NAMESPACE ? [] : functions.map(status),
    }),
    describe: (wanted: string): SystemAnswer => {
      const definition = find(wanted)
      // The invocation count is in the list alone.
      return definition ? { status: 200, json: { ...status(definition), invocationCount: undefined } } : { status: 404 }
    },
    scale: (wanted: string, body: Buffer): SystemAnswer => {
      const definition = find(wanted)
      if (!definition) return { status: 404 }
      const replicas = readReplicas(body)
      if (replicas === undefined) {
        return { status: 400, json: { error: 'the body must be {"serviceName": name, "replicas": a number from 0}' } }
      }
      pools.get(definition.name)?.scale(replicas)
      return { status: 202 }
    },
    info: (): SystemAnswer => ({
      status: 200,
      json: {
        provider: { provider: 'junction', orchestration: 'processes', version: { sha: '', release: version } },
        version: { sha: '', release: version },
        arch: process.arch,
      },
    }),
  }
}

const readReplicas = (body: Buffer): number | undefined => {
  try {
    const { replicas } = JSON.parse(body.toString()) as { replicas?: unknown }
    return typeof replicas === 'number' && Number.isInteger(replicas) && replicas >= 0 ? replicas : undefined
  } catch {
    return undefined
  }
}
