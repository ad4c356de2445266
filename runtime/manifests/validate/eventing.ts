import { Cron } from 'croner'
import { at, list, record, text, walk } from './look.ts'
import type { Found, Rule } from './rule.ts'

const SOURCES = ['KafkaSource', 'PingSource']
const DURATION = /^P(?=\d|T\d)(?:\d+D)?(?:T(?=\d)(?:\d+H)?(?:\d+M)?(?:\d+(?:\.\d+)?S)?)?$/
const DIALECTS = ['all', 'any', 'not', 'exact', 'prefix', 'suffix', 'cesql']
const GATED = ['timeout', 'retryAfterMax']
const ATTRIBUTE = /^[a-z0-9]{1,20}$/

const deliveries = (found: Found): unknown[] =>
  found.apiVersion.includes('knative.dev/')
    ? [...walk(found.value)].flatMap(({ path, value }) => (path.at(-1) === 'delivery' ? [value] : []))
    : []

const filters = (found: Found): Record<string, unknown>[] =>
  found.kind === 'Trigger' ? everyFilter(at(found.value, 'spec.filters')) : []

const everyFilter = (value: unknown): Record<string, unknown>[] =>
  list(value).flatMap((one) => {
    const filter = record(one)
    return [filter, ...everyFilter(filter.all), ...everyFilter(filter.any), ...everyFilter(filter.not && [filter.not])]
  })

const isTimeZone = (name: string): boolean => {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}

const isSchedule = (schedule: string): boolean => {
  if (!schedule.startsWith('@') && schedule.trim().split(/\s+/).length !== 5) return false
  try {
    new Cron(schedule, { paused: true }).stop()
    return true
  } catch {
    return false
  }
}

/** What the admission of Knative Eventing refuses, and what would lose events. */
export const eventingRules: Rule[] = [
  {
    id: 'eventing-backoff-delay',
    source: "Knative's admission: backoffDelay 1s (must be ISO 8601, PT1S)",
    check: (found) => {
      const wrong = deliveries(found)
        .map((delivery) => at(delivery, 'backoffDelay'))
        .find((delay) => delay !== undefined && !DURATION.test(text(delay)))
      return wrong !== undefined && `backoffDelay of ${wrong} is no ISO 8601 duration, such as PT1S`
    },
  },
  {
    id: 'eventing-gated-delivery',
    source: "Knative's admission: feature-gated timeout; retryAfterMax is another",
    check: (found) => {
      const wrong = deliveries(found).flatMap((delivery) => GATED.filter((field) => at(delivery, field) !== undefined))
      return wrong.length > 0 && `delivery.${wrong[0]} is behind a feature flag`
    },
  },
  {
    id: 'eventing-delivery',
    source: 'Knative Eventing: retry from 0; backoffPolicy linear or exponential; format json or binary',
    check: (found) => {
      const wrong = deliveries(found).find((delivery) => {
        const [retry, policy, format] = ['retry', 'backoffPolicy', 'format'].map((field) => at(delivery, field))
        return !(
          (retry === undefined || (Number.isInteger(retry) && Number(retry) >= 0)) &&
          (policy === undefined || policy === 'linear' || policy === 'exponential') &&
          (format === undefined || format === 'json' || format === 'binary')
        )
      })
      return wrong !== undefined && 'its delivery is none that Knative knows'
    },
  },
  {
    id: 'eventing-dead-letters',
    source: 'Knative Kafka: an offset is committed too where there is no dead-letter sink: the event is lost',
    check: (found) => {
      if (!['KafkaSource', 'Trigger'].includes(found.kind)) return undefined
      const sink = at(found.value, 'spec.delivery.deadLetterSink.ref.name')
      return sink === undefined && 'what it cannot deliver would be lost: it has no deadLetterSink'
    },
  },
  {
    id: 'eventing-filter',
    source: 'Knative Eventing: filters all, any, not, exact, prefix, suffix, cesql; attributes are lower case',
    check: (found) => {
      for (const filter of filters(found)) {
        const [dialect, more] = Object.keys(filter)
        if (dialect === undefined || more !== undefined || !DIALECTS.includes(dialect))
          return 'a filter has one known dialect'
        if (!['exact', 'prefix', 'suffix'].includes(dialect)) continue
        const entries = Object.entries(record(filter[dialect]))
        if (entries.length === 0 || entries.some(([name, value]) => !ATTRIBUTE.test(name) || text(value) === ''))
          return `a filter ${dialect} names attributes with texts`
      }
      return undefined
    },
  },
  {
    id: 'eventing-cesql',
    source: "Knative's admission: invalid cesql",
    check: (found) =>
      filters(found).some((filter) => 'cesql' in filter) &&
      'a cesql filter cannot be proved valid here: use exact, prefix or suffix',
  },
  {
    id: 'eventing-order',
    source: 'Knative Kafka: kafka.eventing.knative.dev/delivery.order is ordered or unordered',
    check: (found) => {
      const order = record(at(found.value, 'metadata.annotations'))['kafka.eventing.knative.dev/delivery.order']
      return (
        order !== undefined && order !== 'ordered' && order !== 'unordered' && `delivery.order of ${order} is not known`
      )
    },
  },
  {
    id: 'eventing-broker',
    source: 'Knative Eventing: a Trigger names a Broker, and a Broker its class',
    check: (found, { all }) => {
      if (found.kind === 'Broker') {
        const name = record(at(found.value, 'metadata.annotations'))['eventing.knative.dev/broker.class']
        const known = ['Kafka', 'MTChannelBasedBroker', 'RabbitMQBroker', 'NatsJetStreamBroker']
        return !known.includes(text(name)) && `the class ${name} of a broker is not known`
      }
      const broker = at(found.value, 'spec.broker')
      return (
        found.kind === 'Trigger' &&
        !all.some(({ kind, name }) => kind === 'Broker' && name === broker) &&
        `no Broker is called ${broker}`
      )
    },
  },
  {
    id: 'eventing-sink',
    source: 'Knative Eventing: a source has a sink, a Trigger a subscriber',
    check: (found) => {
      if (SOURCES.includes(found.kind)) return at(found.value, 'spec.sink.ref.name') === undefined && 'it has no sink'
      return (
        found.kind === 'Trigger' && at(found.value, 'spec.subscriber.ref.name') === undefined && 'it has no subscriber'
      )
    },
  },
  {
    id: 'ping-timezone',
    source: "Knative's admission: unknown time zone in PingSource",
    check: ({ kind, value }) => {
      const zone = at(value, 'spec.timezone')
      return (
        kind === 'PingSource' && zone !== undefined && !isTimeZone(text(zone)) && `the time zone ${zone} is not known`
      )
    },
  },
  {
    id: 'ping-schedule',
    source: 'Knative Eventing: schedule is a cron expression of five fields',
    check: ({ kind, value }) => {
      const schedule = at(value, 'spec.schedule')
      return kind === 'PingSource' && !isSchedule(text(schedule)) && `the schedule ${schedule} cannot be read`
    },
  },
  {
    id: 'ping-data',
    source: 'Knative Eventing: data xor dataBase64',
    check: ({ kind, value }) =>
      kind === 'PingSource' &&
      (at(value, 'spec.data') === undefined) === (at(value, 'spec.dataBase64') === undefined) &&
      'it sends either data or dataBase64',
  },
  {
    id: 'kafka-ordering',
    source: "Knative's admission: unknown ordering in KafkaSource",
    check: ({ kind, value }) => {
      const ordering = at(value, 'spec.ordering')
      return (
        kind === 'KafkaSource' &&
        ordering !== undefined &&
        ordering !== 'ordered' &&
        ordering !== 'unordered' &&
        `ordering of ${ordering} is not known`
      )
    },
  },
  {
    id: 'kafka-initial-offset',
    source: "Knative's admission: unknown initialOffset in KafkaSource",
    check: ({ kind, value }) => {
      const from = at(value, 'spec.initialOffset')
      return (
        kind === 'KafkaSource' &&
        from !== undefined &&
        from !== 'earliest' &&
        from !== 'latest' &&
        `initialOffset of ${from} is not known`
      )
    },
  },
  {
    id: 'kafka-place',
    source: 'Knative Kafka: a source names its servers, its topics and a group of its own',
    check: (found, { all }) => {
      if (found.kind !== 'KafkaSource') return undefined
      const [servers, topics] = [list(at(found.value, 'spec.bootstrapServers')), list(at(found.value, 'spec.topics'))]
      if (
        servers.length === 0 ||
        !servers.every((server) => /^(?:\[[0-9a-f:.]+\]|[\w.-]+):\d{1,5}$/.test(text(server)))
      )
        return 'its bootstrapServers are not host:port each'
      if (topics.length === 0 || !topics.every((topic) => /^[\w.-]{1,249}$/.test(text(topic))))
        return 'it has no topics of a name that Kafka takes'
      const same = (one: Found) =>
        at(one.value, 'spec.consumerGroup') === at(found.value, 'spec.consumerGroup') &&
        `${at(one.value, 'spec.topics')}` === `${topics}`
      return (
        all.filter((one) => one.kind === 'KafkaSource' && same(one)).length > 1 &&
        'another source reads the same topic in its group: each has a part of the events'
      )
    },
  },
  {
    id: 'kafka-key-type',
    source: 'Knative Kafka: kafkasources.sources.knative.dev/key-type is string, int, float or byte-array',
    check: (found) => {
      const type = record(at(found.value, 'metadata.labels'))['kafkasources.sources.knative.dev/key-type']
      return (
        type !== undefined &&
        !['string', 'int', 'float', 'byte-array'].includes(text(type)) &&
        `the key-type ${type} is not known`
      )
    },
  },
]
