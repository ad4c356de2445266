import { rm } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { KeeperError } from './errors.ts'
import { readPostmasterFile } from './postmaster-file.ts'
import { processInfo } from './process-info.ts'
import { isSocketDir } from './socket-dir.ts'

// It stops with a checkpoint, which takes its time on a busy disk.
const OWNER_LEAVES_MS = 20_000
const FAST_STOP_MS = 15_000

/** Stops the postmaster that an earlier, killed keeper left on this data folder; refuses when its keeper still lives. */
export const stopLeftover = async (dataDir: string, log: (line: string) => void): Promise<void> => {
  const file = await readPostmasterFile(dataDir)
  if (!file || !(await isPostmasterOf(file.pid, dataDir))) return
  await awaitOwner(file.pid, dataDir)
  if (await isPostmasterOf(file.pid, dataDir)) {
    log(`stopping the PostgreSQL (pid ${file.pid}) that an earlier run left on ${dataDir}`)
    await stop(file.pid, dataDir)
  }
  if (isSocketDir(file.socketDir)) await rm(file.socketDir, { recursive: true, force: true })
}

/** The recorded pid may belong to anybody by now: only a postgres started on this very folder counts. */
const isPostmasterOf = async (pid: number, dataDir: string): Promise<boolean> => {
  const command = (await processInfo(pid))?.command ?? ''
  return /(^|\/)postgres /.test(command) && `${command} `.includes(` -D ${dataDir} `)
}

/** A keeper whose runtime was killed is about to stop its PostgreSQL: wait for that; one that stays is in use. */
const awaitOwner = async (pid: number, dataDir: string): Promise<void> => {
  const deadline = performance.now() + OWNER_LEAVES_MS
  for (;;) {
    const owner = (await processInfo(pid))?.parent
    const command = owner === undefined ? '' : ((await processInfo(owner))?.command ?? '')
    if (!command.includes(dataDir)) return
    if (performance.now() > deadline) {
      throw new KeeperError(
        `the data folder ${dataDir} is in use by a running Junction (keeper pid ${owner}): stop that one, or choose another --data`,
      )
    }
    await sleep(50)
  }
}

const stop = async (pid: number, dataDir: string): Promise<void> => {
  const signal = (name: NodeJS.Signals) => {
    try {
      process.kill(pid, name)
    } catch {}
  }
  signal('SIGINT')
  const deadline = performance.now() + FAST_STOP_MS
  while (await isPostmasterOf(pid, dataDir)) {
    if (performance.now() > deadline) signal('SIGQUIT')
    await sleep(20)
  }
}
