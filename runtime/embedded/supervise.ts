import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Cluster, spawnServer } from './cluster.ts'
import { KeeperError } from './errors.ts'
import { readPostmasterFile } from './postmaster-file.ts'

const MAX_START_MS = 120_000

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
  while (!signal.aborted) {
    const run = await runOnce(cluster, listener, signal)
    if (run.wasReady) lastReady = performance.now()
    else if (!signal.aborted && performance.now() - lastReady > MAX_START_MS) {
      throw new KeeperError(`PostgreSQL does not start on ${cluster.dataDir}: ${run.lastLines.join('\n')}`)
    }
    if (!signal.aborted) await sleep(100)
  }
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
