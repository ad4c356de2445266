import { at, list, record, text, walk } from './look.ts'
import { type Found, isKnative, podOf, type Rule, type Setting, selects } from './rule.ts'

const named = ({ all }: Setting, kind: string) => all.filter((one) => one.kind === kind).map(({ name }) => name)
const pods = ({ all }: Setting) => all.flatMap((one) => podOf(one) ?? [])
const volumes = (found: Found): unknown[] => list(at(podOf(found)?.spec, 'volumes'))

/** Secrets an object asks for, by any way of asking. */
const secretsOf = (found: Found): string[] =>
  [...walk(found.value)].flatMap(({ path, value }) => {
    const [parent, key] = [path.at(-2), path.at(-1)]
    if (['secret', 'secretKeyRef', 'secretRef'].includes(`${key}`) && at(value, 'name') !== undefined)
      return [text(at(value, 'name'))]
    if (key === 'secretName') return [text(value)]
    if (key === 'ref' && parent === 'secret') return [text(at(value, 'name'))]
    return path.includes('secretTargetRef') && key === 'name' ? [text(value)] : []
  })

/** Objects another one refers to by kind and name. */
const refsOf = (found: Found) =>
  [...walk(found.value)].flatMap(({ path, value }) =>
    path.at(-1) === 'ref' && path.at(-2) !== 'secret'
      ? [{ kind: text(at(value, 'kind')), name: text(at(value, 'name')), apiVersion: text(at(value, 'apiVersion')) }]
      : [],
  )

/** Whether a secret of Kubernetes can have a name. */
export const isSecretName = (name: string): boolean =>
  name.length <= 253 && /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/.test(name)

/** What an object names has to be there. */
export const referenceRules: Rule[] = [
  {
    id: 'secret-named',
    source: 'OpenFaaS: a secret is a file of its own name',
    check: (found, { secrets }) => {
      const unknown = secretsOf(found).find((name) => isSecretName(name) && !secrets.includes(name))
      return unknown !== undefined && `nobody is told to make the secret ${unknown}`
    },
  },
  {
    id: 'secret-name',
    source: 'Kubernetes: the name of a secret is a DNS subdomain',
    check: (found) => {
      const wrong = secretsOf(found).find((name) => !isSecretName(name))
      return wrong !== undefined && `no secret can be called "${wrong}"`
    },
  },
  {
    id: 'secret-key',
    source: 'OpenFaaS: the key of a secret is its name',
    check: (found) => {
      const secret = volumes(found)
        .flatMap((volume) => list(at(volume, 'projected.sources')))
        .map((source) => at(source, 'secret'))
        .find(
          (one) =>
            one !== undefined &&
            !list(at(one, 'items')).some(
              (item) => at(item, 'key') === at(one, 'name') && at(item, 'path') === at(one, 'name'),
            ),
        )
      return secret !== undefined && `the secret ${at(secret, 'name')} is no file of its own name`
    },
  },
  {
    id: 'secrets-place',
    source: 'OpenFaaS: secrets are readable at /var/openfaas/secrets/<name>',
    check: (found) => {
      const projected = volumes(found)
        .filter((volume) => at(volume, 'projected') !== undefined)
        .map((volume) => at(volume, 'name'))
      const mounts = (podOf(found)?.containers ?? []).flatMap((one) => list(at(one, 'volumeMounts')))
      const wrong = mounts.find(
        (mount) =>
          projected.includes(at(mount, 'name')) &&
          (at(mount, 'mountPath') !== '/var/openfaas/secrets' || at(mount, 'readOnly') !== true),
      )
      return wrong !== undefined && `its secrets are mounted at ${at(wrong, 'mountPath')}, or can be written`
    },
  },
  {
    id: 'volume-there',
    source: 'Kubernetes: a mount names a volume of its pod',
    check: (found) => {
      const names = volumes(found).map((volume) => at(volume, 'name'))
      const wrong = (podOf(found)?.containers ?? [])
        .flatMap((one) => list(at(one, 'volumeMounts')))
        .find((mount) => !names.includes(at(mount, 'name')))
      return wrong !== undefined && `no volume is called ${at(wrong, 'name')}`
    },
  },
  {
    id: 'settings-there',
    source: 'Kubernetes: a pod does not start without the ConfigMap it names',
    check: (found, setting) => {
      const maps = named(setting, 'ConfigMap')
      const asked = [...walk(podOf(found)?.spec)].flatMap(({ path, value }) =>
        path.at(-1) === 'configMapRef' || path.at(-1) === 'configMap' ? [text(at(value, 'name'))] : [],
      )
      const unknown = asked.find((name) => !maps.includes(name))
      return unknown !== undefined && `no ConfigMap is called ${unknown}`
    },
  },
  {
    id: 'account-there',
    source: 'Kubernetes: a pod does not start without its service account',
    check: (found, setting) => {
      const pod = podOf(found)
      const account = text(at(pod?.spec, 'serviceAccountName'))
      return pod && !named(setting, 'ServiceAccount').includes(account) && `no ServiceAccount is called "${account}"`
    },
  },
  {
    id: 'own-pods',
    source: 'Kubernetes: the selector of a Deployment matches the labels of its template',
    check: (found) =>
      found.kind === 'Deployment' &&
      !selects(at(found.value, 'spec.selector.matchLabels'), podOf(found)?.labels ?? {}) &&
      'its selector does not match the labels of its pods',
  },
  {
    id: 'selected-pods',
    source: 'Kubernetes: what a Service or a PodDisruptionBudget selects has to be there',
    check: (found, setting) => {
      const place = found.kind === 'PodDisruptionBudget' ? 'spec.selector.matchLabels' : 'spec.selector'
      const concerned = (found.kind === 'Service' && !isKnative(found)) || found.kind === 'PodDisruptionBudget'
      return (
        concerned && !pods(setting).some(({ labels }) => selects(at(found.value, place), labels)) && 'it selects no pod'
      )
    },
  },
  {
    id: 'policy-pods',
    source: 'Kubernetes: a NetworkPolicy of no pods lets everybody in where it was meant to refuse',
    check: (found, setting) => {
      if (found.kind !== 'NetworkPolicy') return undefined
      const selector = at(found.value, 'spec.podSelector')
      // Those that OpenFaaS makes bear its own label.
      if (list(at(selector, 'matchExpressions')).some((one) => at(one, 'key') === 'faas_function')) return undefined
      return !pods(setting).some(({ labels }) => selects(at(selector, 'matchLabels'), labels)) && 'it selects no pod'
    },
  },
  {
    id: 'service-port',
    source: 'Kubernetes: the targetPort of a Service is a port of the pods it selects',
    check: (found, setting) => {
      if (found.kind !== 'Service' || isKnative(found)) return undefined
      const selected = pods(setting).filter(({ labels }) => selects(at(found.value, 'spec.selector'), labels))
      const ports = selected.flatMap(({ containers }) =>
        containers.flatMap((one) =>
          list(at(one, 'ports')).flatMap((port) => [at(port, 'name'), at(port, 'containerPort')]),
        ),
      )
      const wrong = list(at(found.value, 'spec.ports')).find(
        (port) => selected.length > 0 && !ports.includes(at(port, 'targetPort')),
      )
      return wrong !== undefined && `its targetPort ${at(wrong, 'targetPort')} is no port of its pods`
    },
  },
  {
    id: 'budget-leaves-one',
    source: 'Kubernetes: a budget of as many pods as there are lets no node be drained',
    check: (found, { all }) => {
      if (found.kind !== 'PodDisruptionBudget') return undefined
      const owner = all.find(
        (one) =>
          one.kind === 'Deployment' && selects(at(found.value, 'spec.selector.matchLabels'), podOf(one)?.labels ?? {}),
      )
      const replicas = at(owner?.value, 'spec.replicas')
      const least = Number(at(found.value, 'spec.minAvailable'))
      return (
        typeof replicas === 'number' &&
        !(least < replicas) &&
        `it keeps ${least} of ${replicas} pods: no node can be drained`
      )
    },
  },
  {
    id: 'ref-there',
    source: 'Knative Eventing: sinks, subscribers and dead-letter sinks are objects',
    check: (found, { all }) => {
      const unknown = refsOf(found).find(
        ({ kind, name, apiVersion }) =>
          !all.some((one) => one.kind === kind && one.name === name && one.apiVersion === apiVersion),
      )
      return unknown && `no ${unknown.kind || 'object'} is called ${unknown.name}`
    },
  },
  {
    id: 'listed-functions',
    source: 'Junction: the connector reads functions and their addresses from a list',
    check: (found, { all }) => {
      const source = at(found.value, 'data')
      const list = record(source)['functions.json']
      if (found.kind !== 'ConfigMap' || typeof list !== 'string') return undefined
      const namespace = text(at(found.value, 'metadata.namespace'))
      for (const one of JSON.parse(list) as { name: string; url: string }[]) {
        if (one.url !== `http://${one.name}.${namespace}.svc.cluster.local`)
          return `${one.url} is not the address of ${one.name}`
        if (!all.some(({ kind, name }) => kind === 'Service' && name === one.name))
          return `no Service is called ${one.name}`
      }
      return undefined
    },
  },
]
