import { scalePlan } from './scale.ts'
import type { Generated, ManifestFile, Plan } from './types.ts'

/** A page beside the files: what has to be there, in which order they are applied, what they do not say. */
export const notesOf = (
  plan: Plan,
  { files, warnings, secrets }: Omit<Generated, 'files'> & { files: ManifestFile[] },
): string => {
  const openfaas = plan.target.startsWith('openfaas')
  const file = (path: string) => `kubectl apply -f ${path}`
  const paths = files.map(({ path }) => path)
  const functions = paths.filter((path) => /^50-/.test(path))
  const job = files.flatMap((one) => ('manifests' in one ? one.manifests : [])).find(({ kind }) => kind === 'Job')
  const later = paths.filter((path) => /^[67]0-/.test(path))
  const lines = [
    `# Junction on ${plan.target}`,
    '',
    `Made by \`junction manifests --target ${plan.target}${plan.delivery === 'sources' ? ' --delivery sources' : ''}\` from stack.yml: make them anew rather than change them.`,
    `All is in the namespace \`${plan.namespace}\`. docs/kubernetes.md of Junction tells more.`,
    '',
    '## What has to be there',
    '',
    ...needs(plan),
    '- The secrets, each with one key of its own name, as in',
    `  \`kubectl -n ${plan.namespace} create secret generic connector-key --from-file=connector-key=FILE\`:`,
    `  ${listed(secrets.filter(({ needed }) => needed))}.`,
    ...(secrets.some(({ needed }) => !needed)
      ? [`  If the broker asks for them: ${listed(secrets.filter(({ needed }) => !needed))}.`]
      : []),
    '',
    '## First time, and each new version',
    '',
    'In this order; a step waits for the one before.',
    '',
    '```',
    ...paths.filter((path) => /^[012]0-/.test(path)).map(file),
    file('30-migrations.yaml'),
    `kubectl -n ${plan.namespace} wait --for=condition=complete --timeout=10m job/${job?.metadata.name}`,
    file('40-connector.yaml'),
    `kubectl -n ${plan.namespace} rollout status deployment/junction-connector`,
    ...paths.filter((path) => path === '45-keda.yaml').map(file),
    ...(openfaas ? ['faas-cli deploy -f stack.yml'] : functions.map(file)),
    ...later.map(file),
    '```',
    ...(warnings.length > 0
      ? [
          '',
          '## What to know of this target',
          '',
          ...warnings.map((one) => `- ${one.function ? `\`${one.function}\`: ` : ''}${one.text}`),
        ]
      : []),
  ]
  return `${lines.join('\n')}\n`
}

const listed = (secrets: { name: string }[]): string => secrets.map(({ name }) => `\`${name}\``).join(', ')

const needs = ({ target, delivery, namespace, bus, functions }: Plan): string[] => {
  const storage = '- PostgreSQL 18, and the broker where BUS_URL names one, at the addresses of `10-settings.yaml`.'
  if (target === 'knative')
    return [
      '- Knative Serving 1.15 or newer.',
      ...(functions.some((one) => scalePlan(one).type === 'cpu')
        ? ['- Its autoscaler for CPU, which is installed apart from the rest: `serving-hpa.yaml` of the same release.']
        : []),
      ...(delivery === 'sources'
        ? [
            '- Knative Eventing with its Kafka source, sink and broker, and the topic `junction-dead-letters`.',
            ...(bus.sasl || bus.tls
              ? [
                  '- The secret `bus-knative` as the KafkaSink of Knative wants it, with `protocol` and what goes with it.',
                ]
              : []),
          ]
        : []),
      storage,
    ]
  if (target === 'keda')
    return [
      '- KEDA 2.20 or newer in the namespace `keda`.',
      storage,
      '- The label `city.junction/may-call=true` on each namespace whose pods call functions or read metrics: the ingress, Prometheus.',
    ]
  return [
    `- OpenFaaS ${target === 'openfaas-ce' ? 'CE' : 'Pro'} with its gateway in the namespace \`openfaas\` and functions in \`${namespace}\`.`,
    storage,
    '- `basic-auth-user` and `basic-auth-password` below are those of the gateway.',
  ]
}
