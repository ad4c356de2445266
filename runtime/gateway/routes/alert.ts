import { z } from 'zod'
import type { Deployments } from '../../deployments/types.ts'
import type { ReplicaPools } from '../../replicas/pools.ts'
import { alertStep } from '../../scaling/formula.ts'
import { Refused } from '../problem.ts'
import { readJson } from '../requests.ts'
import { targetKey } from '../target.ts'
import type { Route } from './route.ts'

/** What alerts work on. */
export interface AlertRoutes {
  deployments: Pick<Deployments, 'get'>
  pools: Pick<ReplicaPools, 'get' | 'ask'>
}

/** OpenFaaS's PrometheusAlert, as Alertmanager sends it; the rest of its body is ignored. */
const PrometheusAlert = z.object({
  alerts: z.array(
    z.object({
      status: z.enum(['firing', 'resolved'], 'it must be firing or resolved'),
      labels: z.record(z.string(), z.unknown()),
    }),
  ),
})
type Alert = z.infer<typeof PrometheusAlert>['alerts'][number]

/** OpenFaaS CE's step in percent of the maximum, by its documentation. */
const DEFAULT_FACTOR = 20

/** OpenFaaS CE's way to scale: Prometheus sees the load and tells of it. */
export const alertRoutes = (sources: AlertRoutes): Route[] => [
  {
    methods: ['POST'],
    pattern: /^\/system\/alert$/,
    label: '/system/alert',
    answer: ({ body }) => {
      const { alerts } = readJson(PrometheusAlert, body)
      const faults = alerts.map((alert) => follow(sources, alert)).filter((fault) => fault !== undefined)
      if (faults.length === 0) return { status: 200 }
      throw new Refused({
        ...{ status: 500, title: 'Not every alert was followed', code: 'alert' },
        detail: `${faults.length} of ${alerts.length} alerts: ${faults.join('; ')}`,
      })
    },
  },
]

/** Firing: a step more, until it is resolved or nobody calls any more. Returns what is wrong with it. */
const follow = ({ deployments, pools }: AlertRoutes, { status, labels }: Alert): string | undefined => {
  const name = labels.function_name
  if (typeof name !== 'string') return 'an alert has no label function_name: aggregate its rule by function_name'
  const key = targetKey(name) ?? ''
  const definition = deployments.get(key)
  const pool = pools.get(key)
  if (!definition || !pool) return `${JSON.stringify(name.slice(0, 127))} is not deployed`
  const { min, max, awake = 1, load, factor = DEFAULT_FACTOR } = definition.scale
  const step = alertStep(max, factor)
  if (load || step === 0) return undefined
  const { starting, ready, unready } = pool.counts()
  const alive = starting + ready + unready
  if (status === 'firing') pools.ask(key, (pool) => pool.recommend(Math.min(max, alive + step)))
  else if (alive > 0) pools.ask(key, (pool) => pool.scale(Math.max(min, awake)))
  return undefined
}
