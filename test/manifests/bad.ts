/** A literal that one rule refuses, in the place of another in a golden: [rule, case, file, good, bad]. */
export type Bad = readonly [rule: string, golden: string, file: string, good: string, bad: string]

const COUNTER = '50-function-counter.yaml'
const FORECAST = '50-function-forecast.yaml'
const FRONT = '50-function-front.yaml'
const SWEEP = '50-function-sweep.yaml'

const objects: Bad[] = [
  ['known-kind', 'knative', '40-connector.yaml', 'kind: PodDisruptionBudget', 'kind: PodDisruptionBudgets'],
  ['dns-name', 'knative', '20-network-policies.yaml', 'name: junction-migrations\n', 'name: Junction_migrations\n'],
  ['unique-name', 'knative', '20-network-policies.yaml', 'name: junction-migrations\n', 'name: junction-functions\n'],
  [
    'one-namespace',
    'knative',
    '20-network-policies.yaml',
    'name: junction-migrations\n  namespace: junction\n',
    'name: junction-migrations\n  namespace: other\n',
  ],
  ['label-syntax', 'knative', FRONT, 'team: roads', 'team: "the roads"'],
  ['annotation-text', 'knative', COUNTER, 'city.junction.batch: "100"', 'city.junction.batch: 100'],
  ['data-text', 'knative', '10-settings.yaml', 'AUTH_MODE: keys', 'AUTH_MODE: 1'],
]

const pods: Bad[] = [
  ['image-reference', 'knative', COUNTER, 'image: registry.example/acme/counter:1.2.3', 'image: counter'],
  ['security-context', 'knative', COUNTER, 'runAsNonRoot: true', 'runAsNonRoot: false'],
  ['no-token', 'knative', COUNTER, 'automountServiceAccountToken: false', 'automountServiceAccountToken: true'],
  ['writable-tmp', 'knative', COUNTER, 'mountPath: /tmp', 'mountPath: /scratch'],
  ['quantity', 'knative', FRONT, 'memory: 256Mi', 'memory: 256MB'],
  ['unique-env', 'knative', FORECAST, 'name: PLAIN', 'name: DATABASE_POOL'],
  ['probes', 'knative', COUNTER, 'path: /_/ready', 'path: _/ready'],
  [
    'probe-port',
    'knative',
    '40-connector.yaml',
    'path: /ready\n              port: http',
    'path: /ready\n              port: web',
  ],
  ['job-restart', 'knative', '30-migrations.yaml', 'restartPolicy: OnFailure', 'restartPolicy: Always'],
]

const secretFile = (name: string) => `secret:
                  name: ${name}
                  items:
                    - key: ${name}
                      path: ${name}`

const references: Bad[] = [
  ['secret-named', 'knative', COUNTER, secretFile('connector-key'), secretFile('connector-keys')],
  ['secret-name', 'knative', '50-function-legacy.yaml', secretFile('api-token'), secretFile('Api_Token')],
  ['secret-key', 'knative', COUNTER, 'path: connector-key', 'path: key'],
  ['secrets-place', 'knative', COUNTER, 'mountPath: /var/openfaas/secrets', 'mountPath: /run/secrets'],
  [
    'volume-there',
    'knative',
    '40-connector.yaml',
    '- name: functions\n              mountPath',
    '- name: function\n              mountPath',
  ],
  ['settings-there', 'knative', COUNTER, 'name: junction-settings', 'name: settings'],
  ['account-there', 'knative', COUNTER, 'serviceAccountName: junction-function', 'serviceAccountName: function'],
  [
    'own-pods',
    'knative',
    '40-connector.yaml',
    'matchLabels:\n      app.kubernetes.io/component: connector',
    'matchLabels:\n      app.kubernetes.io/component: connectors',
  ],
  [
    'selected-pods',
    'knative',
    '40-connector.yaml',
    'selector:\n    app.kubernetes.io/component: connector',
    'selector:\n    app.kubernetes.io/component: connectors',
  ],
  [
    'policy-pods',
    'knative',
    '20-network-policies.yaml',
    'app.kubernetes.io/name: junction-migrations',
    'app.kubernetes.io/name: junction-migration',
  ],
  ['service-port', 'knative', '40-connector.yaml', 'targetPort: http', 'targetPort: web'],
  ['budget-leaves-one', 'knative', '40-connector.yaml', 'minAvailable: 1', 'minAvailable: 2'],
  [
    'ref-there',
    'knative-sources',
    '70-source-counter.yaml',
    'kind: Service\n      name: counter',
    'kind: Service\n      name: counters',
  ],
  ['listed-functions', 'knative', '40-connector.yaml', 'http://legacy.junction.svc', 'http://legacy.other.svc'],
]

const scaling = (name: string) => `autoscaling.knative.dev/${name}`

const knative: Bad[] = [
  [
    'knative-scaling-place',
    'knative',
    COUNTER,
    'visibility: cluster-local\n',
    `visibility: cluster-local\n  annotations:\n    ${scaling('min-scale')}: "1"\n`,
  ],
  ['knative-min-scale', 'knative', COUNTER, `${scaling('min-scale')}: "0"`, `${scaling('min-scale')}: "-1"`],
  ['knative-max-scale', 'knative', FRONT, `${scaling('max-scale')}: "4"`, `${scaling('max-scale')}: "1"`],
  ['knative-target', 'knative', COUNTER, `${scaling('target')}: "2"`, `${scaling('target')}: "0"`],
  [
    'knative-utilization',
    'knative',
    COUNTER,
    `${scaling('target-utilization-percentage')}: "100"`,
    `${scaling('target-utilization-percentage')}: "101"`,
  ],
  [
    'knative-activation',
    'knative',
    FORECAST,
    `${scaling('activation-scale')}: "3"`,
    `${scaling('activation-scale')}: "1"`,
  ],
  ['knative-retention', 'knative', FORECAST, 'retention-period: 3600s', 'retention-period: 2h'],
  ['knative-down-delay', 'knative', FORECAST, 'scale-down-delay: 120s', 'scale-down-delay: 90.5s'],
  [
    'knative-window',
    'knative',
    FORECAST,
    `${scaling('target')}: "20"`,
    `${scaling('target')}: "20"\n        ${scaling('window')}: 5s`,
  ],
  ['knative-metric', 'knative', COUNTER, 'metric: concurrency', 'metric: cpu'],
  ['knative-cpu', 'knative', SWEEP, 'cpu: 300m', 'ephemeral-storage: 1Gi'],
  ['knative-class', 'knative', SWEEP, `${scaling('min-scale')}: "1"`, `${scaling('min-scale')}: "0"`],
  ['knative-scaling-known', 'knative', COUNTER, `${scaling('target')}: "2"`, `${scaling('targets')}: "2"`],
  ['knative-timeout', 'knative', COUNTER, ' timeoutSeconds: 60', ' timeoutSeconds: 601'],
  ['knative-response-start', 'knative', COUNTER, 'responseStartTimeoutSeconds: 12', 'responseStartTimeoutSeconds: 61'],
  ['knative-concurrency', 'knative', FRONT, 'containerConcurrency: 50', 'containerConcurrency: 1001'],
  ['knative-port', 'knative', COUNTER, 'containerPort: 8080', 'containerPort: 8012'],
  ['knative-one-port', 'knative', COUNTER, '- containerPort: 8080', '- name: http\n              containerPort: 8080'],
  ['knative-env', 'knative', FORECAST, 'name: PLAIN', 'name: K_SERVICE'],
  [
    'knative-gated',
    'knative',
    COUNTER,
    'enableServiceLinks: false',
    'enableServiceLinks: false\n      nodeSelector:\n        zone: a',
  ],
  [
    'knative-field-ref',
    'knative',
    COUNTER,
    'sources:\n',
    'sources:\n              - downwardAPI:\n                  items:\n                    - path: labels\n                      fieldRef:\n                        fieldPath: metadata.labels\n',
  ],
  [
    'knative-volume-mounted',
    'knative',
    SWEEP,
    'emptyDir: {}',
    'emptyDir: {}\n        - name: cache\n          emptyDir: {}',
  ],
  ['knative-volume-kind', 'knative', SWEEP, 'emptyDir: {}', 'hostPath:\n            path: /tmp'],
]

const LEGACY_SOURCE = '70-source-legacy.yaml'
const COUNTER_SOURCE = '70-source-counter.yaml'
const SWEEP_SOURCE = '70-source-sweep.yaml'
const SINK = `    deadLetterSink:
      ref:
        apiVersion: eventing.knative.dev/v1alpha1
        kind: KafkaSink
        name: junction-dead-letters
`

const eventing: Bad[] = [
  ['eventing-backoff-delay', 'knative-sources', COUNTER_SOURCE, 'backoffDelay: PT1S', 'backoffDelay: 1s'],
  ['eventing-gated-delivery', 'knative-sources', COUNTER_SOURCE, 'retry: 10', 'retry: 10\n    timeout: PT5S'],
  ['eventing-delivery', 'knative-sources', COUNTER_SOURCE, 'backoffPolicy: exponential', 'backoffPolicy: cubic'],
  ['eventing-dead-letters', 'knative-sources', LEGACY_SOURCE, SINK, ''],
  ['eventing-filter', 'knative-sources', LEGACY_SOURCE, '- exact:', '- attributes:'],
  [
    'eventing-cesql',
    'knative-sources',
    LEGACY_SOURCE,
    '- exact:\n        junctiontopic: readings',
    `- cesql: "junctiontopic = 'readings' AND ("`,
  ],
  ['eventing-order', 'knative-sources', LEGACY_SOURCE, 'delivery.order: ordered', 'delivery.order: sorted'],
  ['eventing-broker', 'knative-sources', LEGACY_SOURCE, 'broker: junction', 'broker: city'],
  ['eventing-sink', 'knative-sources', SWEEP_SOURCE, 'sink:', 'target:'],
  ['ping-timezone', 'knative-sources', SWEEP_SOURCE, 'timezone: UTC', 'timezone: Mars/Base'],
  ['ping-schedule', 'knative-sources', SWEEP_SOURCE, 'schedule: 0 3 * * *', 'schedule: 0 3 * *'],
  ['ping-data', 'knative-sources', SWEEP_SOURCE, 'data: "{}"', 'data: "{}"\n  dataBase64: e30='],
  ['kafka-ordering', 'knative-sources', COUNTER_SOURCE, 'ordering: ordered', 'ordering: strict'],
  ['kafka-initial-offset', 'knative-sources', COUNTER_SOURCE, 'initialOffset: earliest', 'initialOffset: first'],
  ['kafka-place', 'knative-sources', COUNTER_SOURCE, '- kafka-1.data:9092', '- kafka-1.data'],
  [
    'kafka-key-type',
    'knative-sources',
    COUNTER_SOURCE,
    'labels:\n',
    'labels:\n    kafkasources.sources.knative.dev/key-type: uuid\n',
  ],
]

const keda: Bad[] = [
  [
    'keda-target',
    'keda',
    FORECAST,
    'scaleTargetRef:\n    name: forecast',
    'scaleTargetRef:\n    kind: Service\n    name: forecast',
  ],
  ['keda-alone', 'keda', COUNTER, 'spec:\n  selector', 'spec:\n  replicas: 1\n  selector'],
  ['keda-replicas', 'keda', FORECAST, 'minReplicaCount: 0', 'minReplicaCount: 7'],
  ['keda-trigger', 'keda', FORECAST, 'targetValue: "1000000"', 'targetValue: 1000000'],
  ['keda-kafka', 'keda', COUNTER, 'offsetResetPolicy: earliest', 'offsetResetPolicy: first'],
  ['keda-cpu', 'keda', SWEEP, 'cpu: 300m', 'ephemeral-storage: 1Gi'],
  [
    'keda-login',
    'keda',
    COUNTER,
    'authenticationRef:\n        name: junction-kafka',
    'authenticationRef:\n        name: kafka',
  ],
]

const SCALE = 'com.openfaas.scale'
const MAX = `${SCALE}.max: "3"`
const SIXTEEN = Array.from({ length: 11 }, (_, i) => `  f${i}:\n    image: registry.example/acme/f:1\n`).join('')

const openfaas: Bad[] = [
  ['ce-zero', 'openfaas-ce', 'stack.yml', MAX, `${MAX}\n      ${SCALE}.zero: "true"`],
  ['ce-zero-duration', 'openfaas-ce', 'stack.yml', MAX, `${MAX}\n      ${SCALE}.zero-duration: 5m`],
  ['ce-target', 'openfaas-ce', 'stack.yml', MAX, `${MAX}\n      ${SCALE}.target: "10"`],
  ['ce-type', 'openfaas-ce', 'stack.yml', MAX, `${MAX}\n      ${SCALE}.type: rps`],
  ['ce-max', 'openfaas-ce', 'stack.yml', MAX, `${SCALE}.max: "6"`],
  ['ce-min', 'openfaas-ce', 'stack.yml', MAX, `${MAX}\n      ${SCALE}.min: "6"`],
  ['ce-topic', 'openfaas-ce', 'stack.yml', 'topic: readings\n', 'topic: readings,alerts\n'],
  [
    'ce-amazon',
    'openfaas-ce',
    'stack.yml',
    'topic: readings\n',
    'topic: readings\n      eks.amazonaws.com/role-arn: a\n',
  ],
  [
    'ce-google',
    'openfaas-ce',
    'stack.yml',
    'topic: readings\n',
    'topic: readings\n      iam.gke.io/gcp-service-account: a\n',
  ],
  ['ce-namespace', 'openfaas-ce', 'stack.yml', 'skip_build: true', 'skip_build: true\n    namespace: staging'],
  ['ce-functions', 'openfaas-ce', 'stack.yml', 'functions:\n', `functions:\n${SIXTEEN}`],
  ['stack-head', 'openfaas-ce', 'stack.yml', 'version: "1.0"', 'version: "1.1"'],
  ['stack-name', 'openfaas-ce', 'stack.yml', '  counter:\n', '  Counter_1:\n'],
  ['stack-image', 'openfaas-ce', 'stack.yml', 'image: registry.example/acme/counter:1.2.3', 'image: counter:1.2.3'],
  ['stack-text', 'openfaas-ce', 'stack.yml', 'DATABASE_POOL: "3"', 'DATABASE_POOL: 3'],
  ['stack-substitution', 'openfaas-ce', 'stack.yml', '$$' + '{REFERENCE}', '$' + '{REFERENCE}'],
  ['stack-label', 'openfaas-ce', 'stack.yml', 'team: roads', 'team: the roads'],
  ['stack-quantity', 'openfaas-ce', 'stack.yml', 'memory: 256Mi', 'memory: 256 Megs'],
  ['stack-secret-name', 'openfaas-ce', 'stack.yml', '- api-token', '- Api_Token'],
  ['stack-secret', 'openfaas-ce', 'stack.yml', '- api-token', '- api-key'],
  ['pro-type', 'openfaas-pro', 'stack.yml', `${SCALE}.type: capacity`, `${SCALE}.type: latency`],
]

/** At least one for every rule. */
export const bad: Bad[] = [...objects, ...pods, ...references, ...knative, ...eventing, ...keda, ...openfaas]
