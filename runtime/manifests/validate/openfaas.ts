import { at, list, record, text } from './look.ts'
import { isLabel } from './objects.ts'
import { isImage, oddQuantity } from './pods.ts'
import { isSecretName } from './references.ts'
import type { Rule, Setting } from './rule.ts'

const SCALE = 'com.openfaas.scale.'
const MAX_FUNCTIONS = 15
const NAME = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/

/** A rule for each function of a stack.yml; `ceOnly` where OpenFaaS Pro takes it. */
const each = (
  id: string,
  source: string,
  ceOnly: boolean,
  check: (one: unknown, name: string, setting: Setting) => string | undefined | false,
): Rule => ({
  id,
  source,
  check: ({ kind, value }, setting) => {
    if (kind !== 'Stack' || (ceOnly && setting.target !== 'openfaas-ce')) return undefined
    for (const [name, one] of Object.entries(record(at(value, 'functions')))) {
      const what = check(one, name, setting)
      if (what) return `${name}: ${what}`
    }
    return undefined
  },
})

const label = (one: unknown, name: string): unknown => record(at(one, 'labels'))[SCALE + name]
const CE = 'OpenFaaS CE answers 400'

const refusedLabel = (name: string): Rule =>
  each(
    `ce-${name}`,
    `${CE} to ${SCALE}${name}`,
    true,
    (one) => label(one, name) !== undefined && `it has the label ${SCALE}${name}`,
  )

const upTo5 = (name: string): Rule =>
  each(`ce-${name}`, `${CE} to ${SCALE}${name} over 5`, true, (one) => {
    const value = label(one, name)
    return (
      value !== undefined && !(Number(value) >= 1 && Number(value) <= 5) && `${SCALE}${name} of ${value} is not 1 to 5`
    )
  })

const cloud = (id: string, domain: string): Rule =>
  each(id, `${CE} to annotations of ${domain}`, true, (one) => {
    const wrong = Object.keys(record(at(one, 'annotations'))).find((key) => key.includes(domain))
    return wrong && `it has the annotation ${wrong}`
  })

/** What OpenFaaS refuses of a stack.yml, and what faas-cli would misread. */
export const openfaasRules: Rule[] = [
  each(
    'ce-zero',
    `${CE} to ${SCALE}zero=true`,
    true,
    (one) => label(one, 'zero') === 'true' && `it has the label ${SCALE}zero=true`,
  ),
  refusedLabel('zero-duration'),
  refusedLabel('target'),
  refusedLabel('type'),
  upTo5('max'),
  upTo5('min'),
  each(
    'ce-topic',
    `${CE} to a comma in the annotation topic`,
    true,
    (one) => /,/.test(text(at(one, 'annotations.topic'))) && 'its topic has a comma',
  ),
  cloud('ce-amazon', 'amazonaws.com'),
  cloud('ce-google', 'gke.io'),
  each('ce-namespace', `${CE} to a namespace other than the default`, true, (one) => {
    const namespace = at(one, 'namespace')
    return namespace !== undefined && namespace !== 'openfaas-fn' && `its namespace is ${namespace}`
  }),
  {
    id: 'ce-functions',
    source: `OpenFaaS CE takes ${MAX_FUNCTIONS} functions`,
    check: ({ kind, value }, { target }) => {
      const count = Object.keys(record(at(value, 'functions'))).length
      return kind === 'Stack' && target === 'openfaas-ce' && count > MAX_FUNCTIONS && `it has ${count} functions`
    },
  },
  {
    id: 'stack-head',
    source: 'faas-cli: only version 1.0 and the provider openfaas are accepted',
    check: ({ kind, value }) =>
      kind === 'Stack' &&
      !(at(value, 'version') === '1.0' && at(value, 'provider.name') === 'openfaas') &&
      'its version must be 1.0 and its provider openfaas',
  },
  each(
    'stack-name',
    'OpenFaaS on Kubernetes: names are DNS labels of at most 63 characters',
    false,
    (_, name) => !NAME.test(name) && 'its name is no DNS label',
  ),
  each(
    'stack-image',
    'OpenFaaS asks the registry for the image, so its name has to be whole',
    false,
    (one) => !isImage(text(at(one, 'image'))) && `the image ${at(one, 'image')} is no REGISTRY/NAME:TAG`,
  ),
  each('stack-text', 'faas-cli: values of environment, labels and annotations are texts', false, (one) => {
    const wrong = ['environment', 'labels', 'annotations']
      .flatMap((field) => Object.entries(record(at(one, field))))
      .find(([, value]) => typeof value !== 'string')
    return wrong && `${wrong[0]} is no text`
  }),
  each(
    'stack-substitution',
    'faas-cli puts variables in: a reference that is meant as it stands has a second dollar',
    false,
    (one) => /(?<!\$)\$\{/.test(JSON.stringify(one)) && 'it holds a reference that faas-cli would replace',
  ),
  each('stack-label', 'Kubernetes: labels, which OpenFaaS hands on to the pods of a function', false, (one) => {
    const wrong = Object.entries(record(at(one, 'labels'))).find(
      (each) => typeof each[1] === 'string' && !isLabel(each),
    )
    return wrong && `${wrong[0]}: ${JSON.stringify(wrong[1])} is no label`
  }),
  each('stack-quantity', 'Kubernetes: quantities of resources', false, (one) =>
    oddQuantity([at(one, 'limits'), at(one, 'requests')]),
  ),
  each('stack-secret-name', 'Kubernetes: the name of a secret is a DNS subdomain', false, (one) => {
    const wrong = list(at(one, 'secrets')).find((name) => !isSecretName(text(name)))
    return wrong !== undefined && `no secret can be called ${JSON.stringify(wrong)}`
  }),
  each('stack-secret', 'OpenFaaS answers 400 to a secret that is not there', false, (one, _, { secrets }) => {
    const unknown = list(at(one, 'secrets')).find((name) => isSecretName(text(name)) && !secrets.includes(text(name)))
    return unknown !== undefined && `nobody is told to make the secret ${unknown}`
  }),
  each('pro-type', 'OpenFaaS Pro: scale.type is rps, capacity, cpu or queue', false, (one, _, { target }) => {
    const type = label(one, 'type')
    return (
      target === 'openfaas-pro' &&
      type !== undefined &&
      !['rps', 'capacity', 'cpu', 'queue'].includes(text(type)) &&
      `${SCALE}type of ${type} is not known`
    )
  }),
]
