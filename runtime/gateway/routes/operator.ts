import type { Deployments } from '../../deployments/types.ts'
import type { OperatorDeadLetters } from '../../operator/dead-letters.ts'
import type { OperatorRedeliver } from '../../operator/redeliver.ts'
import { targetKey } from '../target.ts'
import { READ, type Route, unlessProblem } from './route.ts'

/** What the runtime adds for its operator, beside OpenFaaS's API. */
export interface Operator {
  /** `GET /system/junction/status`. */
  status(): Promise<unknown>
  /** `POST /system/junction/resume/<function>`; false = it is no consumer. */
  resume(name: string): Promise<boolean>
  /** `POST /system/junction/rollback/<function>`; throws DeploymentRefused where there is nothing to go back to. */
  rollback: Deployments['rollback']
  /** `POST /system/junction/redeliver`. */
  redeliver: OperatorRedeliver
  /** What is under `/system/junction/dead-letters`. */
  deadLetters: OperatorDeadLetters
}

/** Junction's own routes, for its operator. */
export const operatorRoutes = (operator: Operator): Route[] => [
  {
    methods: READ,
    pattern: /^\/system\/junction\/status$/,
    label: '/system/junction/status',
    answer: async () => ({ status: 200, json: await operator.status() }),
  },
  {
    methods: ['POST'],
    pattern: /^\/system\/junction\/resume\/([^/]+)$/,
    label: '/system/junction/resume',
    answer: async ({ parameter }) => ({ status: (await operator.resume(parameter)) ? 202 : 404 }),
  },
  {
    methods: ['POST'],
    pattern: /^\/system\/junction\/rollback\/([^/]+)$/,
    label: '/system/junction/rollback',
    answer: async ({ parameter }) => ({
      status: 200,
      json: await operator.rollback(targetKey(parameter) ?? parameter),
    }),
  },
  {
    methods: ['POST'],
    pattern: /^\/system\/junction\/redeliver$/,
    label: '/system/junction/redeliver',
    answer: async ({ body }) => unlessProblem(await operator.redeliver(body)),
  },
  {
    methods: READ,
    pattern: /^\/system\/junction\/dead-letters$/,
    label: '/system/junction/dead-letters',
    answer: async ({ query }) => unlessProblem(await operator.deadLetters.list(query)),
  },
  {
    methods: ['POST'],
    pattern: /^\/system\/junction\/dead-letters\/([^/]+)\/replay$/,
    label: '/system/junction/dead-letters/replay',
    answer: async ({ parameter }) => unlessProblem(await operator.deadLetters.replay(parameter)),
  },
]
