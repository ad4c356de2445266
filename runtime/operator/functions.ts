import type { FunctionStatus } from '#shared/contracts/runtime-status.ts'
import type { Deployments } from '../deployments/types.ts'
import type { Metrics } from '../gateway/metrics.ts'
import type { ReplicaPools } from '../replicas/pools.ts'

/** How one function stands, from its deployments, its replicas and its calls. */
export const functionStatus = (
  name: string,
  deployments: Pick<Deployments, 'state'>,
  pools: Pick<ReplicaPools, 'get'>,
  metrics: Metrics | undefined,
): FunctionStatus => {
  const { revision = 0, serving = 0, rollout = 'settled', fault } = deployments.state(name) ?? {}
  const counts = pools.get(name)?.counts()
  const { starting = 0, ready = 0, draining = 0, inflight = 0, waiting = 0 } = counts ?? {}
  return {
    name,
    state: ready > 0 ? 'ready' : starting > 0 ? 'starting' : draining > 0 ? 'draining' : 'cold',
    replicas: ready,
    inFlight: inflight,
    waiting,
    coldStarts: counts?.coldStarts ?? 0,
    lastColdStartMs: counts?.lastColdStartMs ?? null,
    crashes: counts?.allCrashes ?? 0,
    crashesInRow: counts?.crashes ?? 0,
    calls: metrics?.invocations(name) ?? 0,
    errors: metrics?.errors(name) ?? 0,
    ...{ revision, serving, rollout },
    ...(fault !== undefined && { fault }),
  }
}
