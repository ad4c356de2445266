import type { ShapeRequest } from './image.ts'

/** A way in which platforms bring events, as literal requests; each call gives the same ones again. */
export interface Form {
  by: string
  requests(bodies: string[]): ShapeRequest[]
  /** Of one that was done. */
  answer: { status: number; body: string }
  /** Whether poison is buried, for nobody looks at the answer; where the first of them lay, as it says. */
  ignoresStatus: boolean
  place: string | null
}

/** What is brought: to a function, of a topic. */
export interface Subject {
  topic: string
  type: string
  /** The type says nothing of the topic: an extension does, which a source adds by its ceOverrides. */
  isForeign: boolean
}

const ACK = { status: 200, body: '' }
const LOOKS = { answer: ACK, ignoresStatus: false, place: null }
const IGNORES = { answer: ACK, ignoresStatus: true, place: null }
const CONNECTOR = { Authorization: 'Bearer connector-secret' }
/** Where the slices begin. */
export const FIRST = 100

/** Where a record lies that several forms bring. */
const place = (i: number) => ({ partition: 0, offset: 41 + i })

/** As a Trigger of a Broker, or a KafkaSource whose records are CloudEvents, calls: in binary mode, announcing that it takes replies. */
const knativeBinary = ({ topic, type, isForeign }: Subject): Form => ({
  by: 'a Broker of Knative (CloudEvents, binary)',
  ...LOOKS,
  requests: (bodies) =>
    bodies.map((body, i) => ({
      headers: {
        'Ce-Id': `event%20${i}`,
        ...(isForeign && { 'Ce-Junctiontopic': topic }),
        'Ce-Knativearrivaltime': '2026-03-01T08:11:59.120953911Z',
        'Ce-Partitionkey': 'loop-1',
        'Ce-Source': '/function/ingest',
        'Ce-Specversion': '1.0',
        'Ce-Subject': 'loop-1',
        'Ce-Time': '2026-03-01T08:12:00.000Z',
        'Ce-Type': type,
        'Content-Type': 'application/json',
        'Kn-Namespace': 'city',
        Prefer: 'reply',
        Traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
        'User-Agent': 'Vert.x-WebClient/4.5.1',
      },
      body,
    })),
})

const structuredText = ({ topic, type, isForeign }: Subject, body: string, i: number) =>
  `{"specversion":"1.0","id":"event ${i}","source":"/function/ingest","type":"${type}",${isForeign ? `"junctiontopic":"${topic}",` : ''}"datacontenttype":"application/json","subject":"loop-1","time":"2026-03-01T08:12:00.000Z","data":${body}}`

const knativeStructured = (subject: Subject): Form => ({
  by: 'a sender of CloudEvents, structured',
  ...LOOKS,
  requests: (bodies) =>
    bodies.map((body, i) => ({
      headers: { 'Content-Type': 'application/cloudevents+json; charset=UTF-8', Prefer: 'reply' },
      body: structuredText(subject, body, i),
    })),
})

const batch = (subject: Subject): Form => ({
  by: 'a sender of a batch nobody asked for',
  ...LOOKS,
  requests: (bodies) => [
    {
      headers: { 'Content-Type': 'application/cloudevents-batch+json' },
      body: `[${bodies.map((body, i) => structuredText(subject, body, i)).join(',')}]`,
    },
  ],
})

/** Records that are no CloudEvents: what the record's headers were comes as kafkaheader*. */
const kafkaSource = ({ topic }: Subject): Form => ({
  by: 'a KafkaSource of Knative (plain records)',
  ...LOOKS,
  requests: (bodies) =>
    bodies.map((body, i) => ({
      headers: {
        'ce-specversion': '1.0',
        'ce-id': `partition:${place(i).partition}/offset:${place(i).offset}`,
        'ce-source': `/apis/v1/namespaces/city/kafkasources/readings#${topic}`,
        'ce-type': 'dev.knative.kafka.event',
        'ce-subject': `partition:${place(i).partition}#${place(i).offset}`,
        'ce-time': '2026-03-01T08:12:00.000Z',
        'ce-key': 'loop-1',
        'ce-partitionkey': 'loop-1',
        'ce-kafkaheaderorigin': 'east',
        'kn-namespace': 'city',
        prefer: 'reply',
      },
      body,
    })),
})

/** The same by the manifests of `--delivery sources`, which add the topic to each event. */
const kafkaSourceOfOurs = (subject: Subject): Form => {
  const form = kafkaSource(subject)
  return {
    ...form,
    by: "a KafkaSource of Junction's own manifests",
    requests: (bodies) =>
      form.requests(bodies).map(({ headers, body = '' }) => ({
        headers: {
          ...headers,
          'ce-source': '/apis/v1/namespaces/city/kafkasources/of-ours',
          'ce-junctiontopic': subject.topic,
        },
        body,
      })),
  }
}

const kafkaConnector = ({ topic }: Subject): Form => ({
  by: "OpenFaaS's Kafka connector",
  ...{ ...IGNORES, place: '0/41' },
  requests: (bodies) =>
    bodies.map((body, i) => ({
      headers: {
        'Content-Type': 'text/plain',
        'X-Connector': 'kafka-connector',
        'X-Topic': topic,
        'X-Kafka-Partition': String(place(i).partition),
        'X-Kafka-Offset': String(place(i).offset),
        'X-Kafka-Key': 'bG9vcC0x',
        'X-Kafka-Key-Enc': 'b64',
        'X-Kafka-Origin': 'east',
        'X-Call-Id': 'b9a2b1f0-6a1f-4c0e-9a57-0f6f3c7b1d11',
        'X-Start-Time': '1772352719000000000',
      },
      body,
    })),
})

/** The headers of a record by CloudEvents' Kafka binding, as that connector hands them on. */
const kafkaConnectorOfEvents = ({ topic, type }: Subject): Form => ({
  by: "OpenFaaS's Kafka connector (records that are CloudEvents)",
  ...{ ...IGNORES, place: '0/41' },
  requests: (bodies) =>
    bodies.map((body, i) => ({
      headers: {
        'Content-Type': 'text/plain',
        'X-Connector': 'kafka-connector',
        'X-Topic': topic,
        'X-Kafka-Partition': '0',
        'X-Kafka-Offset': String(place(i).offset),
        'X-Kafka-Key': 'loop-1',
        'X-Kafka-Content-Type': 'application/json',
        'X-Kafka-Ce_specversion': '1.0',
        'X-Kafka-Ce_id': `event ${i}`,
        'X-Kafka-Ce_source': '/function/ingest',
        'X-Kafka-Ce_type': type,
      },
      body,
    })),
})

/** No content type, no place: what was published is all there is. */
const natsConnector = ({ topic }: Subject): Form => ({
  by: "OpenFaaS's NATS connector",
  ...IGNORES,
  requests: (bodies) => bodies.map((body) => ({ headers: { 'X-Connector': 'connector-sdk', 'X-Topic': topic }, body })),
})

const mqttConnector = ({ topic }: Subject): Form => ({
  by: "OpenFaaS's MQTT connector",
  ...IGNORES,
  requests: (bodies) =>
    bodies.map((body) => ({
      headers: { 'Content-Type': 'application/json', 'X-Connector': 'connector-sdk', 'X-Topic': topic },
      body,
    })),
})

/** The slice of these events from an offset: the sizes are those of the bytes before and in each `data`. */
export function sliceRequest({ topic, type }: Subject, bodies: string[], first = FIRST): ShapeRequest {
  const heads = bodies.map(
    (_, i) =>
      `{"specversion":"1.0","id":"event ${i}","type":"${type}","source":"/function/ingest","time":"2026-03-01T08:12:00.000Z","partitionkey":"loop-1","offset":"${first + i}","datacontenttype":"application/json","data":`,
  )
  return {
    headers: {
      ...CONNECTOR,
      'Content-Type': 'application/cloudevents-batch+json',
      'Junction-Topic': topic,
      'Junction-Log': 'postgres',
      'Junction-Partition': '3',
      'Junction-First': String(first),
      'Junction-Next': String(first + bodies.length),
      'Junction-Sizes': bodies
        .map((body, i) => `${Buffer.byteLength(heads[i] as string)}:${Buffer.byteLength(body)}`)
        .join(','),
      'Junction-Attempt': '1',
      'Junction-Deadline-Ms': '10000',
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    },
    body: `[${bodies.map((body, i) => `${heads[i]}${body}}`).join(',')}]`,
  }
}

/** Every way in which an event of that topic may come without a position. */
export const singleForms = (subject: Subject): Form[] =>
  [
    knativeBinary,
    knativeStructured,
    batch,
    kafkaSource,
    kafkaSourceOfOurs,
    kafkaConnector,
    kafkaConnectorOfEvents,
    natsConnector,
    mqttConnector,
  ].map((form) => form(subject))
