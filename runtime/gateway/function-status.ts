import type { Deployments } from '../deployments/types.ts'
import type { ReplicaPools } from '../replicas/pools.ts'
import type { Usage } from '../replicas/usage.ts'
import { keyOf } from '../stack/key.ts'
import type { StackFunction } from '../stack/types.ts'
import type { Metrics } from './metrics.ts'

/** OpenFaaS's FunctionStatus; what is unset is absent, never empty, but for labels and annotations. */
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
  usage?: Usage
}

/** What a status is put together from. */
export interface StatusSources {
  deployments: Pick<Deployments, 'state'>
  pools: Pick<ReplicaPools, 'get'>
  metrics: Metrics
}

/** How a function is deployed and how it stands, as OpenFaaS tells it. */
export const functionStatusOf = (
  definition: StackFunction,
  { deployments, pools, metrics }: StatusSources,
): FunctionStatus => {
  const key = keyOf(definition)
  const { name, namespace, image, labels, annotations, envProcess, limits, requests } = definition
  const { environment, constraints, secrets } = definition
  const counts = pools.get(key)?.counts()
  const replicas = (counts?.ready ?? 0) + (counts?.unready ?? 0) + (counts?.starting ?? 0)
  return {
    name,
    namespace,
    image,
    ...(envProcess ? { envProcess } : {}),
    ...(Object.keys(environment).length > 0 ? { envVars: environment } : {}),
    ...(constraints.length > 0 ? { constraints } : {}),
    ...(secrets.length > 0 ? { secrets } : {}),
    labels: { ...labels, faas_function: name },
    annotations,
    ...(limits ? { limits } : {}),
    ...(requests ? { requests } : {}),
    ...(definition.readOnlyRootFilesystem ? { readOnlyRootFilesystem: true as const } : {}),
    ...(metrics.invocations(key) > 0 ? { invocationCount: metrics.invocations(key) } : {}),
    ...(replicas > 0 ? { replicas } : {}),
    ...(counts?.ready ? { availableReplicas: counts.ready } : {}),
    createdAt: deployments.state(key)?.createdAt ?? '',
  }
}
