import { at, record, text, walk } from './look.ts'
import type { Found, Rule } from './rule.ts'

const LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/
const LABEL_VALUE = /^([A-Za-z0-9]([-\w.]{0,61}[A-Za-z0-9])?)?$/
const QUALIFIED = /^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?\/)?[A-Za-z0-9]([-\w.]{0,61}[A-Za-z0-9])?$/

/** Whether Kubernetes takes a label. */
export const isLabel = ([key, value]: [string, unknown]): boolean =>
  QUALIFIED.test(key) && typeof value === 'string' && LABEL_VALUE.test(value)

/** Kinds that belong to no namespace. */
const OF_CLUSTER = ['Namespace']
const KINDS: Record<string, string[]> = {
  v1: ['ConfigMap', 'Namespace', 'Service', 'ServiceAccount'],
  'apps/v1': ['Deployment'],
  'batch/v1': ['Job'],
  'policy/v1': ['PodDisruptionBudget'],
  'networking.k8s.io/v1': ['NetworkPolicy'],
  'serving.knative.dev/v1': ['Service'],
  'eventing.knative.dev/v1': ['Broker', 'Trigger'],
  'eventing.knative.dev/v1alpha1': ['KafkaSink'],
  'sources.knative.dev/v1': ['KafkaSource', 'PingSource'],
  'keda.sh/v1alpha1': ['ScaledObject', 'TriggerAuthentication'],
}

const isObject = ({ kind }: Found) => kind !== 'Stack'
const keysAndValues = (found: Found, field: string): [string, unknown][] =>
  [...walk(found.value)].flatMap(({ path, value }) =>
    path.at(-1) === field && !path.includes('data') ? Object.entries(record(value)) : [],
  )

/** What holds of every object of Kubernetes. */
export const objectRules: Rule[] = [
  {
    id: 'known-kind',
    source: 'Kubernetes API conventions: apiVersion and kind',
    check: (found) =>
      isObject(found) &&
      !KINDS[found.apiVersion]?.includes(found.kind) &&
      `${found.apiVersion || 'no apiVersion'} has no ${found.kind} that is known here`,
  },
  {
    id: 'dns-name',
    source: 'Kubernetes providers accept only DNS labels, at most 63 characters',
    check: (found) => isObject(found) && !LABEL.test(found.name) && `"${found.name}" is no DNS label`,
  },
  {
    id: 'unique-name',
    source: 'Kubernetes: a kind has each name once in a namespace',
    check: (found, { all }) =>
      isObject(found) &&
      all.filter(
        ({ kind, apiVersion, name }) => kind === found.kind && apiVersion === found.apiVersion && name === found.name,
      ).length > 1 &&
      `${found.kind} ${found.name} is there twice`,
  },
  {
    id: 'one-namespace',
    source: 'Junction: the namespace of a target is that of all it makes',
    check: (found, { all }) => {
      if (!isObject(found) || OF_CLUSTER.includes(found.kind)) return undefined
      const own = text(at(found.value, 'metadata.namespace'))
      if (!LABEL.test(own)) return 'it names no namespace'
      const first = all.find(({ kind }) => kind === 'Namespace')?.name ?? all.find(isObject)?.value
      const common = typeof first === 'string' ? first : text(at(first, 'metadata.namespace'))
      return own !== common && `its namespace ${own} is not ${common}`
    },
  },
  {
    id: 'label-syntax',
    source: 'Kubernetes: labels and selectors',
    check: (found) => {
      const wrong = [...keysAndValues(found, 'labels'), ...keysAndValues(found, 'matchLabels')].find(
        (one) => !isLabel(one),
      )
      return isObject(found) && wrong && `${wrong[0]}: ${JSON.stringify(wrong[1])} is no label`
    },
  },
  {
    id: 'annotation-text',
    source: 'Kubernetes: annotations are texts',
    check: (found) => {
      const wrong = keysAndValues(found, 'annotations').find(
        ([key, value]) => !QUALIFIED.test(key) || typeof value !== 'string',
      )
      return isObject(found) && wrong && `the annotation ${wrong[0]} is no text of a name that Kubernetes takes`
    },
  },
  {
    id: 'data-text',
    source: 'Kubernetes: the data of a ConfigMap are texts',
    check: ({ kind, value }) => {
      const wrong = Object.entries(record(at(value, 'data'))).find(
        ([key, one]) => typeof one !== 'string' || !/^[-\w.]{1,253}$/.test(key),
      )
      return kind === 'ConfigMap' && wrong && `its data ${wrong[0]} is no text of a name that Kubernetes takes`
    },
  },
]
