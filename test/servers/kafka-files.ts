import { randomBytes } from 'node:crypto'
import { appendFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { cached } from './cache.ts'
import { needTools, run } from './tools.ts'

const VERSION = '4.3.1'

const pom = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>test</groupId><artifactId>kafka</artifactId><version>1</version>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>${VERSION}</version></dependency>
    <dependency><groupId>org.apache.logging.log4j</groupId><artifactId>log4j-slf4j-impl</artifactId><version>2.25.4</version></dependency>
  </dependencies>
</project>
`

const log4j = `<?xml version="1.0"?>
<Configuration status="error">
  <Appenders><Console name="out"><PatternLayout pattern="%d %p %m (%c)%n"/></Console></Appenders>
  <Loggers><Root level="warn"><AppenderRef ref="out"/></Root></Loggers>
</Configuration>
`

/** The folder of Kafka's jars and its logging configuration; got from Maven Central the first time. */
export async function kafkaFiles(): Promise<string> {
  await needTools({ java: 'openjdk-17-jre-headless' })
  return cached(`kafka-${VERSION}`, async (folder) => {
    await needTools({ mvn: 'maven' })
    await writeFile(join(folder, 'pom.xml'), pom)
    await writeFile(join(folder, 'log4j2.xml'), log4j)
    const copy = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies'
    const to = ['-DincludeScope=runtime', `-DoutputDirectory=${join(folder, 'libs')}`]
    await run('mvn', ['-B', '-q', '-ntp', '-f', join(folder, 'pom.xml'), copy, ...to], { maxBuffer: 64 << 20 })
  })
}

/** The arguments of java for one of Kafka's programs. */
export const javaArgs = (files: string, main: string, args: string[], flags: string[] = []): string[] => [
  '-Xmx256m',
  ...flags,
  `-Dlog4j2.configurationFile=${join(files, 'log4j2.xml')}`,
  '-cp',
  join(files, 'libs/*'),
  main,
  ...args,
]

/** A user of the broker, by SASL. */
export interface KafkaUser {
  username: string
  password: string
}

/** What a broker's configuration follows from. */
export interface BrokerSettings {
  folder: string
  ports: { plain: number; controller: number; sasl: number; tls: number; saslTls: number }
  /** With it the listeners SASL, TLS and both are there; `broker.pem` and `ca.pem` lie in the folder. */
  user?: KafkaUser | undefined
  properties?: Record<string, string> | undefined
}

/**
 * Lets a broker come back soon after it was killed: until its session is over the controller refuses another of its name.
 * Before, a session is long, for a broker that gets no processor for a while is taken for dead after it.
 */
export const allowRestart = (folder: string): Promise<void> =>
  appendFile(propertiesFile(folder), 'broker.session.timeout.ms=3000\n')

const propertiesFile = (folder: string) => join(folder, 'server.properties')

/** Writes `server.properties` and formats the data folder. */
export async function formatBroker(files: string, settings: BrokerSettings): Promise<void> {
  const file = propertiesFile(settings.folder)
  await writeFile(file, propertiesOf(settings))
  const scram = ['SCRAM-SHA-256', 'SCRAM-SHA-512'].flatMap((mechanism) =>
    settings.user === undefined
      ? []
      : ['--add-scram', `${mechanism}=[name=${settings.user.username},password=${settings.user.password}]`],
  )
  const id = randomBytes(16).toString('base64url')
  const args = ['format', '--standalone', '-t', id.replace(/^-/, 'a'), '-c', file, ...scram]
  await run('java', javaArgs(files, 'kafka.tools.StorageTool', args))
}

function propertiesOf({ folder, ports, user, properties }: BrokerSettings): string {
  const listeners = [`PLAINTEXT://127.0.0.1:${ports.plain}`]
  if (user) {
    listeners.push(`SASL://127.0.0.1:${ports.sasl}`, `TLS://127.0.0.1:${ports.tls}`)
    listeners.push(`SASLTLS://127.0.0.1:${ports.saslTls}`)
  }
  const controller = `CONTROLLER://127.0.0.1:${ports.controller}`
  const all: Record<string, string> = {
    'process.roles': 'broker,controller',
    'node.id': '1',
    'controller.quorum.bootstrap.servers': `127.0.0.1:${ports.controller}`,
    listeners: [...listeners, controller].join(),
    'advertised.listeners': [...listeners, controller].join(),
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'PLAINTEXT',
    'listener.security.protocol.map':
      'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SASL:SASL_PLAINTEXT,TLS:SSL,SASLTLS:SASL_SSL',
    'log.dirs': join(folder, 'data'),
    'offsets.topic.replication.factor': '1',
    'offsets.topic.num.partitions': '4',
    'transaction.state.log.replication.factor': '1',
    'transaction.state.log.min.isr': '1',
    'transaction.state.log.num.partitions': '4',
    'share.coordinator.state.topic.replication.factor': '1',
    'share.coordinator.state.topic.min.isr': '1',
    'group.initial.rebalance.delay.ms': '0',
    'broker.session.timeout.ms': '60000',
    'broker.heartbeat.interval.ms': '500',
    ...(user && securityOf(folder, user)),
    ...properties,
  }
  return Object.entries(all)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('')
}

function securityOf(folder: string, { username, password }: KafkaUser): Record<string, string> {
  const plain = `org.apache.kafka.common.security.plain.PlainLoginModule required user_${username}="${password}";`
  const scram = 'org.apache.kafka.common.security.scram.ScramLoginModule required;'
  const sasl = ['sasl', 'sasltls'].flatMap((listener) => [
    [`listener.name.${listener}.plain.sasl.jaas.config`, plain],
    [`listener.name.${listener}.scram-sha-256.sasl.jaas.config`, scram],
    [`listener.name.${listener}.scram-sha-512.sasl.jaas.config`, scram],
  ])
  return {
    ...Object.fromEntries(sasl),
    'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512',
    'ssl.keystore.type': 'PEM',
    'ssl.keystore.location': join(folder, 'broker.pem'),
    'ssl.truststore.type': 'PEM',
    'ssl.truststore.location': join(folder, 'ca.pem'),
    'ssl.client.auth': 'requested',
  }
}
