import { namespaceOf, networkPolicies, settingsManifests } from './base.ts'
import { labelsOf } from './common.ts'
import { connectorManifests, disruptionBudget, migrationsJob } from './connector.ts'
import { isOpenToEvents } from './event-auth.ts'
import { kedaFunction } from './keda/deployment.ts'
import { kedaBase } from './keda/scaled-object.ts'
import { knativeService } from './knative/service.ts'
import { eventingBase, sourcesOf } from './knative/sources.ts'
import { notesOf } from './notes.ts'
import { openfaasStack } from './openfaas/stack.ts'
import { scalePlan, takesEvents } from './scale.ts'
import { connectorSecrets, secretsOf, unique } from './secrets.ts'
import type { Generated, Manifest, ManifestFile, Plan, Warning } from './types.ts'

/** Makes everything of a target, in the order it is applied in. Throws UserError for what a target cannot run. */
export const generate = (options: Omit<Plan, 'warn'>): Generated => {
  const warnings: Warning[] = []
  const functions = options.functions.toSorted((a, b) => (a.name < b.name ? -1 : 1))
  const plan: Plan = {
    ...options,
    functions,
    warn: (text, name) => void warnings.push({ text, ...(name !== undefined && { function: name }) }),
  }
  const latest = functions.filter(({ image }) => /(:latest|\/[^:@]+)$/.test(image))
  if (latest.length > 0 || /:latest$/.test(options.connectorImage))
    plan.warn('images are tagged latest: set TAG, so that a version can be told from another and rolled back')
  warnOfOpenDoors(plan)
  const secrets = unique([...connectorSecrets(plan), ...functions.flatMap((one) => secretsOf(plan, one))])
  const files: ManifestFile[] = [
    ...(plan.target.startsWith('openfaas')
      ? []
      : [{ path: '00-namespace.yaml', about: 'The namespace of everything else', manifests: [namespaceOf(plan)] }]),
    { path: '10-settings.yaml', about: 'What functions and connector share', manifests: settingsManifests(plan) },
    { path: '20-network-policies.yaml', about: 'Who may connect to what', manifests: networkPolicies(plan) },
    { path: '30-migrations.yaml', about: 'The schema of the database', manifests: [migrationsJob(plan)] },
    {
      path: '40-connector.yaml',
      about: 'What brings events, alarms and schedules to the functions',
      manifests: connectorManifests(plan),
    },
    ...ofTarget(plan),
  ]
  const all = sources(plan, secrets)
  return {
    files: [...files, { path: 'NOTES.md', about: '', text: notesOf(plan, { files, warnings, secrets: all }) }],
    warnings,
    secrets: all,
  }
}

const warnOfOpenDoors = (plan: Plan): void => {
  const open = plan.functions.filter((one) => isOpenToEvents(plan, one)).map(({ name }) => name)
  if (open.length > 0)
    plan.warn(`${open.join(', ')} take events without a key (EVENT_AUTH=network): ${OPEN[plan.target]}`)
}

const BY_GATEWAY = 'who reaches the gateway of OpenFaaS may bring them events, from outside of the cluster too'
/** What a network policy does not keep from functions that ask for no key. */
const OPEN = {
  knative:
    'sources bring no key, and the network policies admit the ingress and the activator of Knative, which pass on the calls of every pod of the cluster: each may bring them events',
  keda: 'every pod of a namespace that may call them may bring them events, and whoever an Ingress lets in',
  'openfaas-ce': BY_GATEWAY,
  'openfaas-pro': BY_GATEWAY,
}

/** Knative's sources ask for more than Junction itself does. */
const sources = ({ delivery, bus }: Plan, secrets: Generated['secrets']): Generated['secrets'] => {
  if (delivery !== 'sources') return secrets
  const needed = [...(bus.sasl ? ['bus-sasl-type', 'bus-knative'] : []), ...(bus.tls ? ['bus-ca', 'bus-knative'] : [])]
  return unique([...secrets, ...needed.map((name) => ({ name, needed: true }))])
}

const ofTarget = (plan: Plan): ManifestFile[] => {
  if (plan.target === 'knative') return knativeFiles(plan)
  if (plan.target === 'keda') return kedaFiles(plan)
  return [
    {
      path: 'stack.yml',
      about: 'The functions, for `faas-cli deploy -f stack.yml`; the gateway is that of OPENFAAS_URL or --gateway',
      text: openfaasStack(plan),
    },
  ]
}

const functionFiles = (plan: Plan, make: (one: Plan['functions'][number]) => Manifest[]): ManifestFile[] =>
  plan.functions.map((one) => ({
    path: `50-function-${one.name}.yaml`,
    about: `The function ${one.name}`,
    function: one.name,
    manifests: make(one),
  }))

const knativeFiles = (plan: Plan): ManifestFile[] => {
  const files = functionFiles(plan, (one) => {
    const { min } = scalePlan(one)
    return [
      knativeService(plan, one),
      ...(min >= 2 ? [disruptionBudget(plan, one.name, labelsOf(one.name, 'function'))] : []),
    ]
  })
  if (plan.delivery === 'connector') return files
  plan.warn(
    'Knative delivers at least once and remembers what was done by markers; it commits an event also where it could not put it aside: deliver by the connector where nothing may be lost',
  )
  if (plan.bus.tls)
    plan.warn(
      'its sources show the broker no client certificate (bus-cert, bus-key), since they cannot do without a secret that is named: deliver by the connector where the broker asks for one',
    )
  const brought = plan.functions.filter(takesEvents)
  return [
    ...files,
    { path: '60-eventing.yaml', about: 'Where dead letters go', manifests: eventingBase(plan) },
    ...brought.flatMap((one): ManifestFile[] => {
      const manifests = sourcesOf(plan, one)
      const about = `What brings events to the function ${one.name}`
      return manifests.length > 0 ? [{ path: `70-source-${one.name}.yaml`, about, function: one.name, manifests }] : []
    }),
  ]
}

const kedaFiles = (plan: Plan): ManifestFile[] => {
  const base = kedaBase(plan)
  const sleepers = plan.functions.filter(sleeps).map(({ name }) => name)
  if (sleepers.length > 0)
    plan.warn(
      `HTTP wakes nobody on KEDA: ${sleepers.join(', ')} answer only while events keep them awake, or with a scale.min of 1`,
    )
  return [
    ...(base.length > 0
      ? [{ path: '45-keda.yaml', about: 'How KEDA shows itself to the broker', manifests: base }]
      : []),
    ...functionFiles(plan, (one) => kedaFunction(plan, one)),
  ]
}

const sleeps = (one: Plan['functions'][number]): boolean => {
  const { min, type } = scalePlan(one)
  return takesEvents(one) && min === 0 && type !== 'cpu'
}
