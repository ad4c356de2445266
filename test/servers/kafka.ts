import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Kafka, logLevel } from 'kafkajs'
import { readBusUrl } from '#shared/bus/url.ts'
import { freePort } from '#test/ports.ts'
import { type Certificates, makeCertificates } from './certificates.ts'
import { allowRestart, formatBroker, javaArgs, type KafkaUser, kafkaFiles } from './kafka-files.ts'
import { type ServerProcess, startProcess } from './process.ts'
import { until } from './until.ts'

/** A real Kafka broker on the loopback, with a private data folder. */
export interface KafkaServer {
  /** `kafka://127.0.0.1:PORT`, the same after a restart. */
  url: string
  /** For raw kafkajs clients. */
  brokers: string[]
  /** With `secured` only. */
  secured?: SecuredListeners
  /** SIGKILL, SIGCONT … to the broker; after SIGKILL `restart` brings it back. */
  signal(name: NodeJS.Signals): void
  /** Lets it stand still, until SIGCONT. */
  freeze(): Promise<void>
  /** Kills it if it still runs, starts it anew on the same data and ports, and waits until it answers. */
  restart(): Promise<void>
  stop(): Promise<void>
}

/** The listeners that ask for a password or speak TLS, and what a client needs for them. */
export interface SecuredListeners extends KafkaUser, Certificates {
  sasl: string
  tls: string
  saslTls: string
}

/** What a test may ask of a broker. */
export interface KafkaOptions {
  /** SASL (PLAIN, SCRAM-SHA-256, SCRAM-SHA-512) and TLS listeners beside the plain one. */
  secured?: boolean
  /** More lines of server.properties. */
  properties?: Record<string, string>
}

/**
 * Starts Kafka and waits until it really answers; `KAFKA_URL` names one that is already there instead, for who asks
 * nothing of it.
 */
export async function startKafka(options: KafkaOptions = {}): Promise<KafkaServer> {
  const given = process.env.KAFKA_URL
  if (given && Object.keys(options).length === 0) return foreign(given)
  const files = await kafkaFiles()
  const folder = await mkdtemp(join(tmpdir(), 'junction-kafka-'))
  await chmod(folder, 0o700)
  const [plain, controller, sasl, tls, saslTls] = await distinctPorts()
  const ports = { plain, controller, sasl, tls, saslTls }
  const secured = options.secured ? await secure(folder, ports) : undefined
  await formatBroker(files, { folder, ports, user: secured, properties: options.properties })
  const brokers = [`127.0.0.1:${plain}`]
  let broker = await start(files, folder, brokers)
  return {
    url: `kafka://${brokers}`,
    brokers,
    ...(secured && { secured }),
    signal: (name) => broker.signal(name),
    freeze: () => broker.freeze(),
    async restart() {
      await broker.stop(0)
      await allowRestart(folder)
      broker = await start(files, folder, brokers)
    },
    async stop() {
      await broker.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function start(files: string, folder: string, brokers: string[]): Promise<ServerProcess> {
  const flags = ['-Xms64m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1']
  const args = javaArgs(files, 'kafka.Kafka', [join(folder, 'server.properties')], flags)
  const broker = await startProcess('java', args, { output: join(folder, 'kafka.log') })
  try {
    await until('an answering Kafka', () => (broker.alive ? answers(brokers) : ended(broker)), 120_000)
  } catch (error) {
    const tail = await broker.tail()
    await broker.stop(0)
    throw new Error(`Kafka did not start; the end of its log:\n${tail}`, { cause: error })
  }
  return broker
}

async function ended(broker: ServerProcess): Promise<never> {
  throw new Error(await broker.tail())
}

// An open port is not ready: right after a restart the group coordinator is still missing.
async function answers(brokers: string[]): Promise<boolean> {
  const retry = { retries: 0, initialRetryTime: 50 }
  const kafka = new Kafka({ brokers, clientId: 'ready', connectionTimeout: 1000, logLevel: logLevel.NOTHING, retry })
  const admin = kafka.admin({ retry })
  try {
    await admin.connect()
    const topics = await admin.listTopics()
    for (const topic of topics.filter((name) => !name.startsWith('__'))) await admin.fetchTopicOffsets(topic)
    await admin.fetchOffsets({ groupId: 'ready' })
    return true
  } finally {
    await admin.disconnect()
  }
}

async function secure(
  folder: string,
  ports: { sasl: number; tls: number; saslTls: number },
): Promise<SecuredListeners> {
  const certificates = await makeCertificates(folder)
  return {
    ...certificates,
    username: 'app',
    password: 'correct-horse',
    sasl: `kafka://127.0.0.1:${ports.sasl}`,
    tls: `kafka://127.0.0.1:${ports.tls}`,
    saslTls: `kafka://127.0.0.1:${ports.saslTls}`,
  }
}

async function distinctPorts(): Promise<[number, number, number, number, number]> {
  const ports = new Set<number>()
  while (ports.size < 5) ports.add(await freePort())
  return [...ports] as [number, number, number, number, number]
}

function foreign(url: string): KafkaServer {
  const refuse = () => {
    throw new Error('KAFKA_URL names a server that is not started here: it can be neither signalled nor restarted')
  }
  return {
    url,
    brokers: readBusUrl(url).servers,
    signal: refuse,
    freeze: async () => refuse(),
    restart: async () => refuse(),
    stop: async () => {},
  }
}
