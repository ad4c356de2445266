import { setTimeout as sleep } from 'node:timers/promises'
import { processInfo } from '../embedded/process-info.ts'
import { UserError } from '../user-error.ts'
import { findRunning } from './running.ts'

const LONGEST_MS = 90_000

/** Asks the runtime of a data folder to stop in order and waits until it has. */
export const down = async (folder: string): Promise<string> => {
  const { pid } = (await findRunning(folder)).file
  process.kill(pid, 'SIGTERM')
  const deadline = performance.now() + LONGEST_MS
  while ((await processInfo(pid)) !== undefined) {
    if (performance.now() > deadline) throw new UserError(`the runtime (pid ${pid}) does not stop: kill -9 ${pid}`)
    await sleep(50)
  }
  return `the runtime (pid ${pid}) has stopped`
}
