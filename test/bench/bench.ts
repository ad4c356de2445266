import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Database, openDatabase } from '#shared/state/database.ts'
import { openRuntime, type Runtime, until } from '../e2e/runtime.ts'
import { freePort } from '../ports.ts'
import { type Server, startServer } from './server-process.ts'

/** The runtime a row measures, on a data folder of its own. */
export interface World {
  /** The gateway. */
  url: string
  pid: number
  database: Database
  /** A process of a function beside the runtime's own, on a port of its own: no gateway before it. */
  startDirect(name: string): Promise<Server>
  stop(): Promise<void>
}

/** What a row gets: everything it starts is stopped at its end. */
export interface Bench {
  /** Starts the runtime: the whole stack, or one that deploys ingest alone. The data of a first start are kept. `settings` are of its environment. */
  start(stack: 'whole' | 'ingest', settings?: Record<string, string>): Promise<World>
  /** A bare node:http server that reads the body and answers 202, or another program that listens on the port given first. */
  startBare(program?: string, ...args: string[]): Promise<Server>
  close(): Promise<void>
}

const INGEST_ALONE = `version: 1.0
provider:
  name: openfaas
functions:
  ingest:
    lang: node-ts
    handler: ./functions/ingest
    image: junction/ingest:bench
`

/** Opens a bench in a folder of its own. */
export function openBench(): Bench {
  const folder = mkdtempSync(join(tmpdir(), 'junction-bench-'))
  // As root PostgreSQL runs as another user, who must be able to walk to its folder.
  chmodSync(folder, 0o711)
  const stops: (() => Promise<unknown>)[] = []

  const started = (server: Server): Server => {
    stops.push(server.stop)
    return server
  }
  return {
    async start(stack, settings = {}) {
      const file = join(folder, 'stack.yml')
      writeFileSync(file, INGEST_ALONE)
      const runtime = openRuntime({
        folder,
        port: await freePort(),
        args: stack === 'whole' ? [] : ['--stack', file],
        settings,
      })
      await runtime.start()
      const world = await openWorld(runtime, join(folder, 'data'), started)
      stops.push(world.stop)
      return world
    },
    async startBare(program = 'test/bench/bare-server.js', ...args) {
      const port = await freePort()
      return started(await startServer([program, String(port), ...args], port, {}))
    },
    async close() {
      for (const stop of stops.reverse()) await stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function openWorld(runtime: Runtime, data: string, started: (server: Server) => Server): Promise<World> {
  // The gateway answers a little before the file is written.
  const read = () =>
    JSON.parse(readFileSync(join(data, 'runtime.json'), 'utf8')) as { pid: number; databaseUrl: string }
  await until('the runtime is up', async () => {
    try {
      return read().pid > 0
    } catch {
      return false
    }
  })
  const { pid, databaseUrl } = read()
  const secrets = join(data, 'secrets')
  const password = readFileSync(join(secrets, 'database-password'), 'utf8').trim()
  const database = openDatabase({ url: databaseUrl, password, max: 8, name: 'bench' })
  let running = true
  return {
    url: runtime.url,
    pid,
    database,
    async startDirect(name) {
      const port = await freePort()
      const file = `dist/functions/${name}/index.js`
      const settings = {
        HOST: '127.0.0.1',
        PORT: String(port),
        AUTH_MODE: 'dev',
        NODE_ENV: 'production',
        DATABASE_URL: databaseUrl,
        SECRETS_DIR: secrets,
      }
      return started(await startServer(['--disable-proto=throw', file], port, settings))
    },
    async stop() {
      if (!running) return
      running = false
      await database.close()
      await runtime.stop()
    },
  }
}
