import { at, list, record, text, walk } from './look.ts'
import { type Found, isKnative, type Rule, wholeOf } from './rule.ts'

const PREFIX = 'autoscaling.knative.dev/'
const RESERVED_PORTS = [8012, 8013, 8022, 9090, 9091, 8008]
const RESERVED_ENV = /^(?:PORT|K_.*)$/
const GATED = [
  'nodeSelector',
  'tolerations',
  'affinity',
  'topologySpreadConstraints',
  'hostAliases',
  'schedulerName',
  'initContainers',
  'runtimeClassName',
  'priorityClassName',
]

const revision = ({ value }: Found): unknown => at(value, 'spec.template.spec')
const annotation = ({ value }: Found, name: string): unknown =>
  record(at(value, 'spec.template.metadata.annotations'))[PREFIX + name]
const container = (found: Found): unknown => list(at(revision(found), 'containers'))[0]

/** Milliseconds of a Go duration in whole seconds, undefined for any other text. */
const secondsOf = (value: unknown): number | undefined => {
  const [, hours, minutes, seconds] = /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/.exec(text(value)) ?? []
  if (hours === undefined && minutes === undefined && seconds === undefined) return undefined
  return Number(hours ?? 0) * 3600 + Number(minutes ?? 0) * 60 + Number(seconds ?? 0)
}

/** A rule for an annotation of scaling, where it is given. */
const scaling = (
  id: string,
  name: string,
  source: string,
  fits: (value: unknown, found: Found) => boolean,
  what: string,
): Rule => ({
  id,
  source,
  check: (found) => {
    const value = annotation(found, name)
    return (
      isKnative(found) &&
      value !== undefined &&
      !fits(value, found) &&
      `${PREFIX}${name} of ${JSON.stringify(value)} must be ${what}`
    )
  },
})

const seconds = (id: string, name: string, source: string, from: number, what: string): Rule =>
  scaling(
    id,
    name,
    source,
    (value) => {
      const length = secondsOf(value)
      return length !== undefined && length >= from && length <= 3600
    },
    what,
  )

const EIGHT = 'Knative Serving'
const FOUR = "Knative's admission"

/** What Knative's admission refuses of a Service, though the schema allows it. */
export const knativeRules: Rule[] = [
  {
    id: 'knative-scaling-place',
    source: `${FOUR}: autoscaling annotations on Service.metadata`,
    check: (found) => {
      const wrong = Object.keys(record(at(found.value, 'metadata.annotations'))).find((key) => key.startsWith(PREFIX))
      return isKnative(found) && wrong && `${wrong} belongs to spec.template.metadata`
    },
  },
  scaling(
    'knative-min-scale',
    'min-scale',
    `${FOUR}: min-scale below 0`,
    (value) => (wholeOf(value) ?? -1) >= 0,
    'a whole number from 0',
  ),
  scaling(
    'knative-max-scale',
    'max-scale',
    `${EIGHT}: max-scale, 0 = unlimited`,
    (value, found) => {
      const most = wholeOf(value) ?? -1
      return most === 0 || (most > 0 && most >= (wholeOf(annotation(found, 'min-scale')) ?? 0))
    },
    'a whole number, not below min-scale',
  ),
  scaling(
    'knative-target',
    'target',
    `${FOUR}: target 0; >= 0.01`,
    (value) => Number(value) >= 0.01,
    'a number from 0.01',
  ),
  scaling(
    'knative-utilization',
    'target-utilization-percentage',
    `${EIGHT}: 1..100`,
    (value) => Number(value) >= 1 && Number(value) <= 100,
    '1 to 100',
  ),
  scaling(
    'knative-activation',
    'activation-scale',
    `${EIGHT}: >= 2 only`,
    (value) => (wholeOf(value) ?? 0) >= 2,
    'a whole number from 2',
  ),
  seconds(
    'knative-retention',
    'scale-to-zero-pod-retention-period',
    `${EIGHT}: whole seconds, <= 1h`,
    0,
    'whole seconds up to 1h',
  ),
  seconds('knative-down-delay', 'scale-down-delay', `${EIGHT}: 0..1h`, 0, 'whole seconds up to 1h'),
  seconds('knative-window', 'window', `${EIGHT}: 6s..1h`, 6, 'whole seconds from 6s to 1h'),
  scaling(
    'knative-metric',
    'metric',
    `${EIGHT}: concurrency or rps; cpu and memory need the hpa class`,
    (value, found) => {
      const hpa = annotation(found, 'class') === 'hpa.autoscaling.knative.dev'
      return (hpa ? ['cpu', 'memory'] : ['concurrency', 'rps']).includes(text(value))
    },
    'a metric of its class',
  ),
  scaling(
    'knative-class',
    'class',
    `${EIGHT}: kpa or hpa; hpa does not scale to zero`,
    (value, found) =>
      value === 'kpa.autoscaling.knative.dev' ||
      (value === 'hpa.autoscaling.knative.dev' && (wholeOf(annotation(found, 'min-scale')) ?? 0) >= 1),
    'kpa, or hpa with a min-scale from 1',
  ),
  {
    id: 'knative-cpu',
    source: `${EIGHT}: by the metric cpu the target is percent of the request, of which there has to be one`,
    check: (found) =>
      isKnative(found) &&
      annotation(found, 'class') === 'hpa.autoscaling.knative.dev' &&
      annotation(found, 'metric') === 'cpu' &&
      text(at(container(found), 'resources.requests.cpu')) === '' &&
      'the metric cpu wants resources.requests.cpu',
  },
  {
    id: 'knative-scaling-known',
    source: `${EIGHT}: what autoscaling annotations there are`,
    check: (found) => {
      const known = [
        'class',
        'metric',
        'target',
        'target-utilization-percentage',
        'min-scale',
        'max-scale',
        'activation-scale',
        'scale-to-zero-pod-retention-period',
        'scale-down-delay',
        'window',
      ]
      const wrong = Object.keys(record(at(found.value, 'spec.template.metadata.annotations'))).find(
        (key) => key.startsWith(PREFIX) && !known.includes(key.slice(PREFIX.length)),
      )
      return isKnative(found) && wrong && `${wrong} is not known`
    },
  },
  {
    id: 'knative-timeout',
    source: `${FOUR}: timeoutSeconds > 600`,
    check: (found) => {
      const most = at(revision(found), 'timeoutSeconds')
      return (
        isKnative(found) &&
        !(Number.isInteger(most) && Number(most) >= 1 && Number(most) <= 600) &&
        `timeoutSeconds of ${most} must be 1 to 600`
      )
    },
  },
  {
    id: 'knative-response-start',
    source: `${EIGHT}: responseStartTimeoutSeconds, within timeoutSeconds`,
    check: (found) => {
      const start = at(revision(found), 'responseStartTimeoutSeconds')
      return (
        isKnative(found) &&
        start !== undefined &&
        !(Number(start) > 0 && Number(start) <= Number(at(revision(found), 'timeoutSeconds'))) &&
        `responseStartTimeoutSeconds of ${start} is beyond timeoutSeconds`
      )
    },
  },
  {
    id: 'knative-concurrency',
    source: `${EIGHT}: containerConcurrency, the hard limit (0 to 1000)`,
    check: (found) => {
      const limit = at(revision(found), 'containerConcurrency')
      return (
        isKnative(found) &&
        limit !== undefined &&
        !(Number.isInteger(limit) && Number(limit) >= 0 && Number(limit) <= 1000) &&
        `containerConcurrency of ${limit} must be 0 to 1000`
      )
    },
  },
  {
    id: 'knative-port',
    source: `${FOUR}: reserved ports (8012, 8013, 8022, 9090, 9091, 8008)`,
    check: (found) => {
      const port = list(at(container(found), 'ports')).find((one) =>
        RESERVED_PORTS.includes(Number(at(one, 'containerPort'))),
      )
      return isKnative(found) && port !== undefined && `port ${at(port, 'containerPort')} is Knative's own`
    },
  },
  {
    id: 'knative-one-port',
    source: `${EIGHT}: one port; name only http1|h2c`,
    check: (found) => {
      if (!isKnative(found)) return undefined
      const ports = list(at(container(found), 'ports'))
      const name = at(ports[0], 'name')
      if (ports.length > 1) return `it has ${ports.length} ports`
      return name !== undefined && name !== 'http1' && name !== 'h2c' && `its port is named ${name}`
    },
  },
  {
    id: 'knative-env',
    source: `${FOUR}: env PORT, K_*`,
    check: (found) => {
      const wrong = list(at(container(found), 'env')).find((one) => RESERVED_ENV.test(text(at(one, 'name'))))
      return isKnative(found) && wrong !== undefined && `the variable ${at(wrong, 'name')} is Knative's own`
    },
  },
  {
    id: 'knative-gated',
    source: `${FOUR}: nodeSelector without its feature flag; tolerations, affinity are off by default`,
    check: (found) => {
      const wrong = GATED.find((field) => at(revision(found), field) !== undefined)
      return isKnative(found) && wrong && `${wrong} is behind a feature flag`
    },
  },
  {
    id: 'knative-field-ref',
    source: `${EIGHT}: fieldRef is off by default`,
    check: (found) =>
      isKnative(found) &&
      [...walk(revision(found))].some(({ path }) => /^(?:fieldRef|resourceFieldRef)$/.test(path.at(-1) ?? '')) &&
      'fieldRef is behind a feature flag',
  },
  {
    id: 'knative-volume-mounted',
    source: `${EIGHT}: every declared volume must be mounted`,
    check: (found) => {
      const mounted = list(at(container(found), 'volumeMounts')).map((mount) => at(mount, 'name'))
      const wrong = list(at(revision(found), 'volumes')).find((volume) => !mounted.includes(at(volume, 'name')))
      return isKnative(found) && wrong !== undefined && `the volume ${at(wrong, 'name')} is not mounted`
    },
  },
  {
    id: 'knative-volume-kind',
    source: `${EIGHT}: secret, configMap, projected and emptyDir volumes; others are off by default`,
    check: (found) => {
      const known = ['name', 'secret', 'configMap', 'projected', 'emptyDir']
      const wrong = list(at(revision(found), 'volumes')).find((volume) =>
        Object.keys(record(volume)).some((key) => !known.includes(key)),
      )
      return (
        isKnative(found) && wrong !== undefined && `the volume ${at(wrong, 'name')} is of a kind behind a feature flag`
      )
    },
  },
]
