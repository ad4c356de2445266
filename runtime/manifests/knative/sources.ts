import type { StackFunction } from '../../stack/types.ts'
import { UserError } from '../../user-error.ts'
import { labelsOf, manifest } from '../common.ts'
import { scalePlan } from '../scale.ts'
import { timeOf } from '../times.ts'
import type { Manifest, Plan } from '../types.ts'

/** The topic of what Knative could not deliver, and the broker of foreign functions. */
export const DEAD_LETTERS = 'junction-dead-letters'
export const BROKER = 'junction'

const serviceOf = (name: string) => ({ ref: { apiVersion: 'serving.knative.dev/v1', kind: 'Service', name } })
const deadLetterSink = { ref: { apiVersion: 'eventing.knative.dev/v1alpha1', kind: 'KafkaSink', name: DEAD_LETTERS } }
const brokerRef = { ref: { apiVersion: 'eventing.knative.dev/v1', kind: 'Broker', name: BROKER } }

const secretKey = (name: string) => ({ secretKeyRef: { name, key: name } })

const net = ({ bus: { sasl, tls } }: Plan) =>
  sasl || tls
    ? {
        net: {
          ...(sasl && {
            sasl: {
              enable: true,
              user: secretKey('bus-username'),
              password: secretKey('bus-password'),
              type: secretKey('bus-sasl-type'),
            },
          }),
          ...(tls && { tls: { enable: true, caCert: secretKey('bus-ca') } }),
        },
      }
    : {}

interface SourceOptions {
  name: string
  topic: string
  from: 'earliest' | 'latest'
  consumers: number
  sink: object
  delivery: object
}

const kafkaSource = (plan: Plan, owner: string, { name, topic, from, consumers, sink, delivery }: SourceOptions) =>
  manifest(plan, ['sources.knative.dev/v1', 'KafkaSource'], name, {
    labels: labelsOf(owner, 'function'),
    spec: {
      bootstrapServers: plan.bus.servers,
      topics: [topic],
      consumerGroup: `junction-${name}-knative`,
      consumers,
      initialOffset: from,
      ordering: 'ordered',
      ...net(plan),
      // The type of a message that is no CloudEvent does not say what topic it is of.
      ceOverrides: { extensions: { junctiontopic: topic } },
      delivery,
      sink,
    },
  })

const objectName = (text: string): string => text.toLowerCase().replace(/[^a-z0-9]+/g, '-')

/** How often and how long apart a call is repeated before its event becomes a dead letter. */
const deliveryOf = (plan: Plan, { name, annotations }: StackFunction) => {
  const retry = (key: string) => annotations[`com.openfaas.retry.${key}`]
  const attempts = Number(retry('attempts') ?? '10')
  if (!Number.isInteger(attempts) || attempts < 0)
    throw new UserError(`${name}: the annotation com.openfaas.retry.attempts must be a whole number`)
  const ms = timeOf(name, 'com.openfaas.retry.min_wait', retry('min_wait') ?? '1s')
  for (const key of ['codes', 'max_wait'])
    if (retry(key) !== undefined) plan.warn(`com.openfaas.retry.${key} cannot be said to Knative: it is left out`, name)
  if (annotations['com.openfaas.queue'] !== undefined)
    plan.warn('com.openfaas.queue names a queue of OpenFaaS: it is left out', name)
  return { retry: attempts, backoffPolicy: 'exponential', backoffDelay: `PT${ms / 1_000}S`, deadLetterSink }
}

/** What brings events, and the ticks of foreign functions, where Knative does it and not the connector. */
export const sourcesOf = (plan: Plan, one: StackFunction): Manifest[] => {
  const { topics, foreignTopic, schedule, from } = one.wiring
  const delivery = deliveryOf(plan, one)
  const consumers = scalePlan(one).max
  const owned = topics.map((topic) =>
    kafkaSource(plan, one.name, {
      ...{ name: `${one.name}-${objectName(topic)}`, topic },
      ...{ from, consumers, sink: serviceOf(one.name), delivery },
    }),
  )
  const ticks =
    schedule && one.annotations.schedule !== undefined
      ? [
          manifest(plan, ['sources.knative.dev/v1', 'PingSource'], `${one.name}-schedule`, {
            labels: labelsOf(one.name, 'function'),
            spec: {
              schedule: schedule.cron,
              timezone: schedule.timezone,
              contentType: 'application/json',
              data: '{}',
              sink: serviceOf(one.name),
            },
          }),
        ]
      : []
  return [...owned, ...(foreignTopic === undefined ? [] : [triggerOf(plan, one, foreignTopic, delivery)]), ...ticks]
}

const triggerOf = (plan: Plan, one: StackFunction, topic: string, delivery: object): Manifest => {
  plan.warn('a Trigger sends no X-Topic: the topic of an event is its attribute ce-junctiontopic', one.name)
  return manifest(plan, ['eventing.knative.dev/v1', 'Trigger'], one.name, {
    labels: labelsOf(one.name, 'function'),
    annotations: { 'kafka.eventing.knative.dev/delivery.order': 'ordered' },
    spec: {
      broker: BROKER,
      filters: [{ exact: { junctiontopic: topic } }],
      subscriber: serviceOf(one.name),
      delivery,
    },
  })
}

/** What all sources share: where dead letters go, and the broker that foreign functions are subscribed to. */
export const eventingBase = (plan: Plan): Manifest[] => {
  const foreign = plan.functions.filter(({ wiring }) => wiring.foreignTopic !== undefined)
  const topics = [...new Set(foreign.map(({ wiring }) => wiring.foreignTopic as string))].sort()
  const delivery = { retry: 10, backoffPolicy: 'exponential', backoffDelay: 'PT1S', deadLetterSink }
  return [
    manifest(plan, ['eventing.knative.dev/v1alpha1', 'KafkaSink'], DEAD_LETTERS, {
      labels: labelsOf(DEAD_LETTERS, 'settings'),
      spec: {
        topic: DEAD_LETTERS,
        bootstrapServers: plan.bus.servers,
        contentMode: 'binary',
        ...(plan.bus.sasl || plan.bus.tls ? { auth: { secret: { ref: { name: 'bus-knative' } } } } : {}),
      },
    }),
    ...(foreign.length > 0
      ? [
          manifest(plan, ['eventing.knative.dev/v1', 'Broker'], BROKER, {
            labels: labelsOf(BROKER, 'settings'),
            annotations: { 'eventing.knative.dev/broker.class': 'Kafka' },
            spec: {
              config: {
                apiVersion: 'v1',
                kind: 'ConfigMap',
                name: 'kafka-broker-config',
                namespace: 'knative-eventing',
              },
              delivery,
            },
          }),
        ]
      : []),
    ...topics.map((topic) =>
      kafkaSource(plan, BROKER, {
        ...{ name: `${BROKER}-${objectName(topic)}`, topic, consumers: 1 },
        ...{ from: firstFrom(foreign, topic), sink: brokerRef, delivery },
      }),
    ),
  ]
}

const firstFrom = (foreign: StackFunction[], topic: string) =>
  foreign.some(({ wiring }) => wiring.foreignTopic === topic && wiring.from === 'earliest') ? 'earliest' : 'latest'
