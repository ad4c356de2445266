import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Cluster, spawnServer } from './cluster.ts'
import { KeeperError } from './errors.ts'
import { readPostmasterFile } from './postmaster-file.ts'

const MAX_START_MS = 120_000

/** What no second try can mend, and what to do about it. */
const HOPELESS: [RegExp, string][] = [
  [/database files are incompatible/, 'another version of PostgreSQL made that folder: choose another --data'],
  [
    /could not access the server configuration file/,
    'a part of that folder is gone: restore it, or choose another --data',
  ],
  [/has wrong ownership/, 'run as the user it belongs to, or choose another --data'],
  [/has invalid permissions/, 'nobody but its owner may reach it ("chmod 700")'],
  [/No space left on device/, 'the disk is full: free some of it, or choose another --data'],
]

/** What supervision tells its owner. */
export interface Listener {
  ready(pid: number): void
  log(line: string): void
}

/**
 * Keeps the server running until `signal` aborts, then stops it. After a SIGKILL of the server its orphans hold the
 * shared memory for a while and PostgreSQL refuses to start: it is tried again until they are gone.
 */
export const supervise = async (cluster: Cluster, listener: Listener, signal: AbortSignal): Promise<void> => {
  let lastReady = performance.now()
  let wasEverReady = false
  while (!signal.aborted) {
    const run = await runOnce(cluster, listener, signal)
    wasEverReady ||= run.wasReady
    const remedy = wasEverReady || signal.aborted ? undefined : remedyOf(run.lastLines)
    if (remedy !== undefined) throw new KeeperError(`PostgreSQL does not start on ${cluster.dataDir}: ${remedy}`)
    if (run.wasReady) lastReady = performance.now()
    else if (!signal.aborted && performance.now() - lastReady > MAX_START_MS) {
      throw new KeeperError(`PostgreSQL does not start on ${cluster.dataDir}: ${run.lastLines.join('\n')}`)
    }
    if (!signal.aborted) await sleep(100)
  }
}

const remedyOf = (lines: string[]): string | undefined => {
  for (const line of lines) {
    const found = HOPELESS.find(([words]) => words.test(line))
    if (found) return `${found[1]} (${line})`
  }
  return undefined
}

/** Runs the server until it exits. */
const runOnce = async (cluster: Cluster, listener: Listener, signal: AbortSignal) => {
  const server = spawnServer(cluster)
  const lastLines: string[] = []
  if (server.stderr) {
    createInterface(server.stderr).on('line', (line) => {
      lastLines.push(line)
      if (lastLines.length > 10) lastLines.shift()
      listener.log(line)
    })
  }
  let running = true
  const exited = new Promise<void>((done) => {
    const over = () => {
      running = false
      done()
    }
    server.on('exit', over).on('error', over)
  })
  const stop = () => server.kill('SIGINT')
  signal.addEventListener('abort', stop)
  let wasReady = false
  while (running && !wasReady) {
    const file = await readPostmasterFile(cluster.dataDir)
    wasReady = file?.ready === true && file.pid === server.pid
    if (!wasReady) await sleep(10)
  }
  if (running && server.pid !== undefined) listener.ready(server.pid)
  await exited
  signal.removeEventListener('abort', stop)
  return { wasReady, lastLines }
}
