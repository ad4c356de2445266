import { parseDuration } from '#shared/contracts/duration.ts'
import type { StackFunction } from '../../stack/types.ts'
import { UserError } from '../../user-error.ts'
import { labelsOf, manifest, settingsAnnotation, sorted } from '../common.ts'
import { milliCpu } from '../cpu.ts'
import { isFedBySource } from '../event-auth.ts'
import { functionContainer, ownMetadata } from '../pod.ts'
import { probesOf } from '../probes.ts'
import { eventCalls, type ScalePlan, scalePlan, takesEvents } from '../scale.ts'
import { bringsSettings } from '../secrets.ts'
import { timeOf } from '../times.ts'
import type { Manifest, Plan } from '../types.ts'

const LONGEST_S = 600
const GRACE_S = 60
const STREAM = '9m'
const LONGEST_IDLE_MS = 3_600_000
const RESERVED = /^(?:PORT|K_[A-Z_]+)$/
const KNATIVE = 'autoscaling.knative.dev'

/** A function as a Service of Knative. */
export const knativeService = (plan: Plan, one: StackFunction): Manifest => {
  refuseReserved(one)
  if (one.constraints.length > 0)
    plan.warn(
      `constraints ${one.constraints.join(', ')} are left out: Knative takes a nodeSelector only behind the feature flag kubernetes.podspec-nodeselector`,
      one.name,
    )
  const times = timesOf(plan, one)
  const { container, volumes } = functionContainer(plan, one, {
    ...(times.streamMax && { STREAM_MAX: times.streamMax }),
    ...(isFedBySource(plan, one) && { EVENT_AUTH: 'network' }),
  })
  const concurrency = Number(one.environment.max_inflight)
  const { labels, annotations } = ownMetadata(one)
  return manifest(plan, ['serving.knative.dev/v1', 'Service'], one.name, {
    labels: {
      ...labelsOf(one.name, 'function'),
      ...(!plan.exposed.includes(one.name) && { 'networking.knative.dev/visibility': 'cluster-local' }),
    },
    spec: {
      template: {
        metadata: {
          labels: { ...labels, ...labelsOf(one.name, 'function') },
          annotations: sorted({
            ...annotations,
            ...(bringsSettings(one) && settingsAnnotation(plan)),
            ...scaleAnnotations(plan, one),
          }),
        },
        spec: {
          // Above it calls wait in the queue of Knative, where OpenFaaS answers 429.
          ...(concurrency > 0 && { containerConcurrency: concurrency }),
          ...times.fields,
          serviceAccountName: 'junction-function',
          automountServiceAccountToken: false,
          enableServiceLinks: false,
          containers: [{ ...container, ports: [{ containerPort: 8080 }], ...probesOf(one) }],
          volumes,
        },
      },
    },
  })
}

const refuseReserved = ({ name, environment }: StackFunction): void => {
  const reserved = Object.keys(environment).find((variable) => RESERVED.test(variable))
  if (reserved)
    throw new UserError(`${name}: Knative sets the variable ${reserved} itself: take it out of its environment`)
}

/** The platform waits a little longer than the function, so that the function says what it was; streams have what is left. */
const timesOf = (plan: Plan, one: StackFunction) => {
  const own = one.environment.exec_timeout ?? plan.settings.exec_timeout ?? '10s'
  const ownMs = timeOf(one.name, 'exec_timeout', own)
  const longer = timeOf(one.name, 'write_timeout', one.environment.write_timeout ?? '0s')
  const seconds = Math.ceil(Math.max(ownMs * 1.2, longer) / 1_000)
  if (ownMs > LONGEST_S * 1_000)
    throw new UserError(`${one.name}: exec_timeout is ${own}, and Knative gives a call ${LONGEST_S} s at most`)
  const start = Math.min(LONGEST_S, seconds)
  // Knative gives a pod that is to end as long as a call: less than this, and it would be killed before it was told.
  if (takesEvents(one) || !bringsSettings(one))
    return {
      fields: { responseStartTimeoutSeconds: start, timeoutSeconds: Math.max(GRACE_S, start) },
      streamMax: undefined,
    }
  return { fields: { responseStartTimeoutSeconds: start, timeoutSeconds: LONGEST_S }, streamMax: streamMaxOf(plan) }
}

/** A stream ends by itself, so that its client reconnects, before Knative cuts it. */
const streamMaxOf = ({ settings: { STREAM_MAX = STREAM } }: Plan): string =>
  parseDuration(STREAM_MAX) < parseDuration(STREAM) ? STREAM_MAX : STREAM

const METRICS = { rps: 'rps', capacity: 'concurrency', cpu: 'cpu', queue: 'concurrency' }

const scaleAnnotations = (plan: Plan, one: StackFunction): Record<string, string> => {
  const scale = scalePlan(one)
  const { type = 'capacity' } = scale
  const warn = (text: string) => plan.warn(text, one.name)
  if (type === 'queue') warn("the scale type queue is OpenFaaS Enterprise's: Knative goes by concurrency instead")
  if (scale.factor !== undefined)
    warn('com.openfaas.scale.factor is a step of the alerts of OpenFaaS CE: it is left out')
  const hpa = type === 'cpu'
  const minimum = hpa ? Math.max(1, scale.min) : scale.min
  if (hpa && scale.min === 0) warn('by CPU Knative cannot scale to zero: one replica stays')
  const target = hpa
    ? cpuTarget(scale, one)
    : (scale.target ?? (type === 'capacity' && takesEvents(one) ? eventCalls(one) : undefined))
  return Object.fromEntries(
    Object.entries({
      class: `${hpa ? 'hpa' : 'kpa'}.autoscaling.knative.dev`,
      metric: METRICS[type],
      target: target === undefined ? undefined : `${target}`,
      'target-utilization-percentage': utilizationOf(scale, one),
      'min-scale': `${minimum}`,
      'max-scale': `${scale.max}`,
      'activation-scale': scale.wakeTo === undefined ? undefined : `${scale.wakeTo}`,
      'scale-to-zero-pod-retention-period': retention(scale, warn),
      'scale-down-delay': scale.downWindowMs === undefined ? undefined : seconds(scale.downWindowMs),
    }).flatMap(([name, value]) => (value === undefined ? [] : [[`${KNATIVE}/${name}`, value]])),
  )
}

/** OpenFaaS says thousandths of a core, Knative percent of what the function requests. */
const cpuTarget = ({ target }: ScalePlan, { name, requests }: StackFunction): number | undefined => {
  const requested = milliCpu(requests?.cpu)
  if (requested === undefined)
    throw new UserError(
      `${name}: Knative scales by the share of the CPU that is requested: set requests in stack.yml, as in requests: {cpu: 100m}`,
    )
  return target === undefined ? undefined : Math.ceil((100 * target) / requested)
}

/** Knative aims at 70 % of a target; what the connector keeps in flight for a replica is meant to the full. */
const utilizationOf = ({ utilization, target, type }: ScalePlan, one: StackFunction): string | undefined => {
  if (type === 'cpu') return undefined
  if (utilization !== undefined) return `${utilization}`
  return target === undefined && takesEvents(one) ? '100' : undefined
}

const retention = ({ idleMs }: ScalePlan, warn: (text: string) => void): string | undefined => {
  if (idleMs === undefined) return undefined
  if (idleMs > LONGEST_IDLE_MS)
    warn('com.openfaas.scale.zero-duration is over an hour, the longest that Knative keeps an idle pod: 1h is set')
  return seconds(Math.min(idleMs, LONGEST_IDLE_MS))
}

const seconds = (ms: number): string => `${Math.ceil(ms / 1_000)}s`
