import type { StackFunction } from '../stack/types.ts'
import type { ListedFunction } from '../standalone/listed.ts'
import { addressOf, hashOf, labelsOf, manifest, settingsAnnotation, sorted } from './common.ts'
import { securityContext, sharedSettings, volumesOf } from './pod.ts'
import { scalePlan, takesEvents } from './scale.ts'
import { connectorSecrets } from './secrets.ts'
import { execTimeout } from './times.ts'
import type { Manifest, Plan } from './types.ts'

const NAME = 'junction-connector'
const LIST = 'junction-functions'
const LIST_PATH = '/etc/junction'
const PORT = 8081
const REPLICAS = 2
const GATEWAY = 'http://gateway.openfaas:8080'

/** Where the connector tells how it is, for what scales by it. */
export const CONNECTOR_STATUS = { name: NAME, port: PORT }

/** The functions for a connector that no gateway tells of them; it looks at the file again and again. */
const listOf = (plan: Plan): Manifest => {
  const functions = plan.functions
    .filter((one) => isListed(plan, one))
    .map((one): Partial<ListedFunction> => {
      const told = ['exec_timeout', 'DATABASE_POOL'].filter((name) => one.environment[name] !== undefined)
      return {
        name: one.name,
        url: addressOf(plan, one.name),
        annotations: sorted(one.annotations),
        ...(told.length > 0 && { envVars: Object.fromEntries(told.map((name) => [name, `${one.environment[name]}`])) }),
        replicas: scalePlan(one).max,
        ...(plan.delivery === 'sources' && { events: 'platform' as const }),
      }
    })
  return manifest(plan, ['v1', 'ConfigMap'], LIST, {
    labels: labelsOf(LIST, 'settings'),
    data: { 'functions.json': `${JSON.stringify(functions, undefined, 2)}\n` },
  })
}

const isListed = ({ delivery }: Plan, one: StackFunction): boolean =>
  delivery === 'connector'
    ? takesEvents(one)
    : one.wiring.topics.length > 0 || (one.wiring.schedule !== undefined && one.annotations.schedule === undefined)

/** The connector with all it needs: it calls functions for events, alarms and schedules, and forwards the log to a broker. */
export const connectorManifests = (plan: Plan): Manifest[] => {
  const listed = !plan.target.startsWith('openfaas')
  const list = listed ? [listOf(plan)] : []
  const from = listed ? ['--functions', `${LIST_PATH}/functions.json`] : ['--gateway', GATEWAY]
  const { volumeMounts, volumes } = volumesOf(connectorSecrets(plan))
  const labels = labelsOf(NAME, 'connector')
  return [
    ...list,
    manifest(plan, ['apps/v1', 'Deployment'], NAME, {
      labels,
      spec: {
        replicas: REPLICAS,
        selector: { matchLabels: labels },
        template: {
          metadata: { labels, annotations: settingsAnnotation(plan) },
          spec: {
            serviceAccountName: NAME,
            automountServiceAccountToken: false,
            enableServiceLinks: false,
            // It waits for calls in flight for twice as long as a function may take, and then for its last commit.
            terminationGracePeriodSeconds: Math.max(60, 6 * longestCall(plan)),
            containers: [
              {
                name: 'connector',
                image: plan.connectorImage,
                args: ['connector', ...from, '--host', '0.0.0.0', '--port', `${PORT}`],
                ports: [{ name: 'http', containerPort: PORT }],
                envFrom: sharedSettings,
                resources: { limits: { memory: '512Mi' }, requests: { cpu: '100m', memory: '192Mi' } },
                livenessProbe: { httpGet: { path: '/healthz', port: 'http' } },
                readinessProbe: { httpGet: { path: '/ready', port: 'http' } },
                securityContext: securityContext(true),
                volumeMounts: [
                  ...volumeMounts,
                  ...(listed ? [{ name: 'functions', mountPath: LIST_PATH, readOnly: true }] : []),
                ],
              },
            ],
            volumes: [...volumes, ...(listed ? [{ name: 'functions', configMap: { name: LIST } }] : [])],
          },
        },
      },
    }),
    manifest(plan, ['v1', 'Service'], NAME, {
      labels,
      spec: { type: 'ClusterIP', selector: labels, ports: [{ name: 'http', port: PORT, targetPort: 'http' }] },
    }),
    disruptionBudget(plan, NAME, labels),
  ]
}

/** Keeps one of several pods up while nodes are drained. */
export const disruptionBudget = (plan: Plan, name: string, labels: Record<string, string>): Manifest =>
  manifest(plan, ['policy/v1', 'PodDisruptionBudget'], name, {
    labels,
    spec: { minAvailable: 1, selector: { matchLabels: labels } },
  })

const longestCall = (plan: Plan): number =>
  Math.ceil(Math.max(...plan.functions.map((one) => execTimeout(plan, one))) / 1_000)

/** The schema of the database, brought forward before anything of this version runs; another version is another Job. */
export const migrationsJob = (plan: Plan): Manifest => {
  const labels = labelsOf('junction-migrations', 'migrations')
  const { volumeMounts, volumes } = volumesOf([{ name: 'database-password', needed: true }])
  const template = {
    metadata: { labels },
    spec: {
      restartPolicy: 'OnFailure',
      serviceAccountName: NAME,
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      containers: [
        {
          name: 'migrate',
          image: plan.connectorImage,
          args: ['migrate'],
          envFrom: sharedSettings,
          resources: { limits: { memory: '256Mi' }, requests: { cpu: '50m', memory: '128Mi' } },
          securityContext: securityContext(true),
          volumeMounts,
        },
      ],
      volumes,
    },
  }
  return manifest(plan, ['batch/v1', 'Job'], `junction-migrations-${hashOf([template, sorted(plan.settings)])}`, {
    labels,
    spec: { backoffLimit: 6, ttlSecondsAfterFinished: 86_400, template },
  })
}
