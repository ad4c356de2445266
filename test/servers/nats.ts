import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '#test/ports.ts'
import { type Certificates, makeCertificates } from './certificates.ts'
import { natsBinary } from './nats-binary.ts'
import { type ServerProcess, startProcess } from './process.ts'
import { until } from './until.ts'

/** A real NATS server with JetStream on the loopback, with a private data folder. */
export interface NatsServer {
  /** `nats://127.0.0.1:PORT`, the same after a restart. */
  url: string
  /** With `tls` only. */
  certificates?: Certificates
  /** SIGKILL, SIGCONT … to the server; after SIGKILL `restart` brings it back. */
  signal(name: NodeJS.Signals): void
  /** Lets it stand still, until SIGCONT. */
  freeze(): Promise<void>
  /** Kills it if it still runs, starts it anew on the same data and ports, and waits until it answers. */
  restart(): Promise<void>
  stop(): Promise<void>
}

/** What a test may ask of a server. */
export interface NatsOptions {
  /** TLS for every client, who must show a certificate of the authority as well if it says `mutual`. */
  tls?: boolean | 'mutual'
  /** More lines of the configuration file, for instance who may connect. */
  configuration?: string
}

/** Starts NATS and waits until it really answers; `NATS_URL` names one that is already there instead. */
export async function startNats(options: NatsOptions = {}): Promise<NatsServer> {
  const given = process.env.NATS_URL
  if (given && Object.keys(options).length === 0) return foreign(given)
  const binary = await natsBinary()
  const folder = await mkdtemp(join(tmpdir(), 'junction-nats-'))
  await chmod(folder, 0o700)
  const [port, monitor] = await distinctPorts()
  const certificates = options.tls ? await secure(folder) : undefined
  await writeFile(join(folder, 'nats.conf'), configurationOf(folder, port, monitor, options))
  let server = await start(binary, folder, monitor)
  return {
    url: `nats://127.0.0.1:${port}${certificates ? '?tls=true' : ''}`,
    ...(certificates && { certificates }),
    signal: (name) => server.signal(name),
    freeze: () => server.freeze(),
    async restart() {
      await server.stop(0)
      server = await start(binary, folder, monitor)
    },
    async stop() {
      await server.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

function configurationOf(folder: string, port: number, monitor: number, { tls, configuration }: NatsOptions): string {
  const lines = [`host: 127.0.0.1`, `port: ${port}`, `http: "127.0.0.1:${monitor}"`]
  lines.push(`jetstream { store_dir: "${join(folder, 'data')}", max_file_store: 4GB }`)
  if (tls) {
    const file = (name: string) => `"${join(folder, name)}"`
    const mutual = tls === 'mutual' ? ', verify: true' : ''
    lines.push(
      `tls { cert_file: ${file('cert.pem')}, key_file: ${file('key.pem')}, ca_file: ${file('ca.pem')}${mutual} }`,
    )
  }
  return [...lines, configuration ?? '', ''].join('\n')
}

async function start(binary: string, folder: string, monitor: number): Promise<ServerProcess> {
  const server = await startProcess(binary, ['-c', join(folder, 'nats.conf')], { output: join(folder, 'nats.log') })
  try {
    await until('an answering NATS', async () => {
      if (!server.alive) throw new Error('it ended')
      return (await fetch(`http://127.0.0.1:${monitor}/healthz`)).ok
    })
  } catch (error) {
    const tail = await server.tail()
    await server.stop(0)
    throw new Error(`NATS did not start; the end of its log:\n${tail}`, { cause: error })
  }
  return server
}

async function secure(folder: string): Promise<Certificates> {
  const certificates = await makeCertificates(folder)
  await chmod(join(folder, 'key.pem'), 0o600)
  return certificates
}

async function distinctPorts(): Promise<[number, number]> {
  const ports = new Set<number>()
  while (ports.size < 2) ports.add(await freePort())
  return [...ports] as [number, number]
}

function foreign(url: string): NatsServer {
  const refuse = () => {
    throw new Error('NATS_URL names a server that is not started here: it can be neither signalled nor restarted')
  }
  return { url, signal: refuse, freeze: async () => refuse(), restart: async () => refuse(), stop: async () => {} }
}
