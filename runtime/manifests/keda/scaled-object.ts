import type { StackFunction } from '../../stack/types.ts'
import { UserError } from '../../user-error.ts'
import { labelsOf, manifest } from '../common.ts'
import { CONNECTOR_STATUS } from '../connector.ts'
import { milliCpu } from '../cpu.ts'
import { type ScalePlan, scalePlan, takesEvents } from '../scale.ts'
import type { Manifest, Plan } from '../types.ts'

/** What scales a function, and how many replicas there are at the least. */
interface Scaled {
  manifests: Manifest[]
  least: number
}

/** Events of a backlog that one more replica is worth. */
const lagThreshold = ({ wiring: { batch } }: StackFunction): number => Math.max(10, batch)

/**
 * Scales a function by the events that wait for it, to zero if it may, and by CPU where it is told to. A function that only
 * HTTP calls has nothing KEDA could see: all its replicas stand.
 */
export const scaledObject = (plan: Plan, one: StackFunction): Scaled => {
  const scale = scalePlan(one)
  const warn = (text: string) => plan.warn(text, one.name)
  if (scale.wakeTo !== undefined) warn('KEDA wakes a function to one replica: scale.min beside scale.zero is left out')
  if (scale.factor !== undefined)
    warn('com.openfaas.scale.factor is a step of the alerts of OpenFaaS CE: it is left out')
  const cpu = scale.type === 'cpu' ? [cpuTrigger(scale, one)] : []
  if (scale.type !== undefined && cpu.length === 0)
    warn(
      `the scale type ${scale.type} cannot be said to KEDA${takesEvents(one) ? ': it goes by the events that wait' : ''}`,
    )
  const triggers = [...(takesEvents(one) ? eventTriggers(plan, one) : []), ...cpu]
  if (triggers.length === 0) {
    if (scale.max > 1)
      warn(`nothing tells KEDA how many calls there are: ${scale.max} replicas (scale.max) stand always`)
    return { manifests: [], least: scale.max }
  }
  // CPU tells nothing of a function that does not run.
  const least = cpu.length > 0 ? Math.max(1, scale.min) : scale.min
  if (least > scale.min) warn('by CPU nothing wakes a function: one replica stays')
  const window = scale.downWindowMs
  return {
    least,
    manifests: [
      manifest(plan, ['keda.sh/v1alpha1', 'ScaledObject'], one.name, {
        labels: labelsOf(one.name, 'function'),
        spec: {
          scaleTargetRef: { name: one.name },
          // Between two looks a function sleeps on though events have come.
          pollingInterval: 5,
          cooldownPeriod: scale.idleMs === undefined ? 300 : Math.ceil(scale.idleMs / 1_000),
          minReplicaCount: least,
          maxReplicaCount: scale.max,
          ...(window !== undefined && {
            advanced: {
              horizontalPodAutoscalerConfig: {
                behavior: { scaleDown: { stabilizationWindowSeconds: Math.ceil(window / 1_000) } },
              },
            },
          }),
          triggers,
        },
      }),
    ],
  }
}

const cpuTrigger = ({ target }: ScalePlan, { name, requests, limits }: StackFunction) => {
  // A limit alone is the request, too.
  if (milliCpu(requests?.cpu ?? limits?.cpu) === undefined)
    throw new UserError(
      `${name}: KEDA refuses to scale by CPU what asks for none: set its requests in stack.yml, as in requests: {cpu: 100m}`,
    )
  return target === undefined
    ? { type: 'cpu', metricType: 'Utilization', metadata: { value: '70' } }
    : { type: 'cpu', metricType: 'AverageValue', metadata: { value: `${target}m` } }
}

const SASL = { plain: 'plaintext', 'scram-sha-256': 'scram_sha256', 'scram-sha-512': 'scram_sha512' }
/** The TriggerAuthentication of a broker that asks who is there. */
export const KAFKA_LOGIN = 'junction-kafka'

const asksForMore = ({ bus: { scheme, sasl, tls } }: Plan): boolean => scheme === 'kafka' && (sasl !== undefined || tls)

const eventTriggers = (plan: Plan, one: StackFunction): object[] => {
  const { topics, foreignTopic, from } = one.wiring
  const all = foreignTopic === undefined ? topics : [foreignTopic]
  const { bus } = plan
  const kafka = all.map((topic) => ({
    type: 'kafka',
    metadata: {
      bootstrapServers: bus.servers.join(','),
      consumerGroup: `junction-${one.name}`,
      topic,
      lagThreshold: `${lagThreshold(one)}`,
      offsetResetPolicy: from,
      version: '2.8.0',
      ...(bus.sasl && { sasl: SASL[bus.sasl] }),
      ...(bus.tls && { tls: 'enable' }),
    },
    ...(asksForMore(plan) && { authenticationRef: { name: KAFKA_LOGIN } }),
  }))
  const waiting = (name: string, field: string, target: number) => ({
    type: 'metrics-api',
    name,
    metadata: {
      url: `http://${CONNECTOR_STATUS.name}.${plan.namespace}.svc.cluster.local:${CONNECTOR_STATUS.port}/ready`,
      format: 'json',
      valueLocation: `consumers.#(consumer=="${one.name}").${field}`,
      // Each connector knows of its own share alone.
      aggregateFromKubeServiceEndpoints: 'true',
      aggregationType: 'sum',
      targetValue: `${target}`,
      activationTargetValue: '0',
    },
  })
  return [
    ...(bus.scheme === 'kafka' ? kafka : []),
    // A broker's committed offsets are copies: after a redelivery only the connector knows what waits.
    ...(all.length > 0 ? [waiting('events', 'lag', lagThreshold(one))] : []),
    // Alarms and schedules are on no log. They are done one by one: any number of them wants one replica.
    waiting('ticks', 'due.#', 1_000_000),
  ]
}

/** How KEDA shows itself to the broker. */
export const kedaBase = (plan: Plan): Manifest[] => {
  if (!asksForMore(plan)) return []
  const from = (parameter: string, name: string) => ({ parameter, name, key: name })
  return [
    manifest(plan, ['keda.sh/v1alpha1', 'TriggerAuthentication'], KAFKA_LOGIN, {
      labels: labelsOf(KAFKA_LOGIN, 'settings'),
      spec: {
        secretTargetRef: [
          ...(plan.bus.sasl ? [from('username', 'bus-username'), from('password', 'bus-password')] : []),
          // KEDA takes a secret that is not there for an empty one, and does without.
          ...(plan.bus.tls ? [from('ca', 'bus-ca'), from('cert', 'bus-cert'), from('key', 'bus-key')] : []),
        ],
      },
    }),
  ]
}
