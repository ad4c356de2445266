import { describe, expect, it } from '@jest/globals'
import * as keda from '@kubernetes-models/keda/keda.sh/v1alpha1'
import * as eventing from '@kubernetes-models/knative/eventing.knative.dev/v1'
import * as serving from '@kubernetes-models/knative/serving.knative.dev/v1'
import * as sources from '@kubernetes-models/knative/sources.knative.dev/v1'
import * as apps from 'kubernetes-models/apps/v1'
import * as batch from 'kubernetes-models/batch/v1'
import * as networking from 'kubernetes-models/networking.k8s.io/v1'
import * as policy from 'kubernetes-models/policy/v1'
import * as core from 'kubernetes-models/v1'
import { parseAllDocuments } from 'yaml'
import { cases, golden } from './cases.ts'

type Model = new (data: never) => { validate(): void }

/** The schemas that Kubernetes, Knative and KEDA publish, by apiVersion and kind. */
const schemas: Record<string, Record<string, unknown>> = {
  v1: core,
  'apps/v1': apps,
  'batch/v1': batch,
  'policy/v1': policy,
  'networking.k8s.io/v1': networking,
  'serving.knative.dev/v1': serving,
  'eventing.knative.dev/v1': eventing,
  'sources.knative.dev/v1': sources,
  'keda.sh/v1alpha1': keda,
}
/** The Kafka parts of Knative are installed apart, and nobody publishes their schemas as a package. */
const WITHOUT = ['KafkaSource', 'KafkaSink']

interface Manifest {
  apiVersion: string
  kind: string
  metadata: { name: string }
}

const manifestsOf = (text: string): Manifest[] => [...parseAllDocuments(text)].map((document) => document.toJS())

const check = (manifest: Manifest): void => {
  const model = schemas[manifest.apiVersion]?.[manifest.kind] as Model | undefined
  if (model === undefined) throw new Error(`no schema of ${manifest.apiVersion} ${manifest.kind}`)
  new model(manifest as never).validate()
}

describe.each(cases.map((one) => [one.name, one] as const))('what is made for %s', (_, one) => {
  const all = [...golden(one)].flatMap(([path, text]) => (path.endsWith('.yaml') ? manifestsOf(text) : []))

  it.each(
    all.filter(({ kind }) => !WITHOUT.includes(kind)).map((object) => [object.kind, object.metadata.name, object]),
  )('fits the published schema: %s %s', (_kind, _name, object) => {
    check(object as Manifest)
  })
})

describe('the published schemas', () => {
  const [deployment] = manifestsOf(golden({ name: 'keda' }).get('50-function-front.yaml') as string)
  const [service] = manifestsOf(golden({ name: 'knative' }).get('50-function-front.yaml') as string)

  it('refuse what does not fit them', () => {
    expect(() => check({ ...deployment, spec: { replicas: '2' } } as never)).toThrow()
    expect(() => check({ ...service, spec: { template: { spec: { containers: [{ image: 1 }] } } } } as never)).toThrow()
  })
})
