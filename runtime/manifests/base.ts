import { labelsOf, MAY_CALL, manifest, SETTINGS, sorted } from './common.ts'
import type { Manifest, Plan } from './types.ts'

/** The namespace, which admits only pods that no Pod Security standard warns of. */
export const namespaceOf = ({ namespace }: Plan): Manifest => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: {
    name: namespace,
    labels: {
      'app.kubernetes.io/part-of': 'junction',
      'pod-security.kubernetes.io/enforce': 'restricted',
      'pod-security.kubernetes.io/warn': 'restricted',
    },
  },
})

/** The settings, and who the pods are: nobody, to Kubernetes. */
export const settingsManifests = (plan: Plan): Manifest[] => {
  const account = (name: string, component: 'function' | 'connector') =>
    manifest(plan, ['v1', 'ServiceAccount'], name, {
      labels: labelsOf(name, component),
      automountServiceAccountToken: false,
    })
  return [
    manifest(plan, ['v1', 'ConfigMap'], SETTINGS, {
      labels: labelsOf(SETTINGS, 'settings'),
      data: sorted(plan.settings),
    }),
    account('junction-connector', 'connector'),
    ...(plan.target.startsWith('openfaas') ? [] : [account('junction-function', 'function')]),
  ]
}

const inNamespace = (name: string) => ({ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': name } } })
const mayCall = { namespaceSelector: { matchLabels: MAY_CALL } }
const connectorPods = { podSelector: { matchLabels: labelsOf('junction-connector', 'connector') } }

/** Whom the pods of functions hear: what stands before them on each platform. */
const callers = ({ target }: Plan): object[] => {
  if (target === 'knative')
    return ['knative-serving', 'knative-eventing', 'kourier-system', 'istio-system'].map(inNamespace)
  return target === 'keda' ? [connectorPods, mayCall] : [inNamespace('openfaas')]
}

/** Who may connect to what; everything else is refused. Where pods may go is left to the cluster. */
export const networkPolicies = (plan: Plan): Manifest[] => {
  const policy = (name: string, spec: object) =>
    manifest(plan, ['networking.k8s.io/v1', 'NetworkPolicy'], name, {
      labels: { 'app.kubernetes.io/part-of': 'junction' },
      spec: { ...spec, policyTypes: ['Ingress'] },
    })
  const ofOpenfaas = plan.target.startsWith('openfaas')
  const functions = ofOpenfaas
    ? {
        matchExpressions: [
          { key: 'faas_function', operator: 'In', values: plan.functions.map(({ name }) => name).sort() },
        ],
      }
    : { matchLabels: { 'app.kubernetes.io/component': 'function', 'app.kubernetes.io/part-of': 'junction' } }
  return [
    policy('junction-connector', {
      podSelector: { matchLabels: labelsOf('junction-connector', 'connector') },
      ingress: [
        {
          from: [mayCall, ...(plan.target === 'keda' ? [inNamespace('keda')] : [])],
          ports: [{ protocol: 'TCP', port: 8081 }],
        },
      ],
    }),
    policy('junction-functions', {
      podSelector: functions,
      ingress: [
        { from: callers(plan), ...(plan.target === 'knative' ? {} : { ports: [{ protocol: 'TCP', port: 8080 }] }) },
      ],
    }),
    policy('junction-migrations', {
      podSelector: { matchLabels: labelsOf('junction-migrations', 'migrations') },
      ingress: [],
    }),
  ]
}
