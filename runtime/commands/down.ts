import { resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { processInfo } from '../embedded/process-info.ts'
import { lockHolder } from '../up/lock.ts'
import { UserError } from '../user-error.ts'

const LONGEST_MS = 90_000

/** Asks the runtime of a data folder to stop in order, even one that is still starting, and waits until it has. */
export const down = async (folder: string): Promise<string> => {
  const pid = await lockHolder(folder)
  if (pid === undefined)
    throw new UserError(`no runtime is running on ${resolve(folder)}: give its --data if it has another`)
  try {
    process.kill(pid, 'SIGTERM')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EPERM')
      throw new UserError(`the runtime (pid ${pid}) is another user's: run this as that user, or with sudo`)
  }
  const deadline = performance.now() + LONGEST_MS
  while ((await processInfo(pid)) !== undefined) {
    if (performance.now() > deadline)
      throw new UserError(
        `the runtime (pid ${pid}) has not stopped in ${LONGEST_MS / 1000} s: "kill -9 ${pid}" ends it at once`,
      )
    await sleep(50)
  }
  return `the runtime (pid ${pid}) has stopped`
}
