import { constants, existsSync } from 'node:fs'
import { access, stat, statfs } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { checkReachable, findAccount } from '../embedded/account.ts'
import { lockHolder } from '../up/lock.ts'
import { portFault } from '../up/port.ts'
import { type RuntimeFile, readRuntimeFile } from '../up/runtime-file.ts'
import { type Finding, fail, ok } from './finding.ts'
import { judgeClock, judgeSharedMemory } from './machine.ts'

const OTHER_FOLDER = 'choose another --data, or run as the user it belongs to'

/** The folder itself, or the nearest above it that is there. */
export const nearest = (path: string): string => (existsSync(path) ? path : nearest(dirname(path)))

/** Whether the data folder can be written to, by this user and by PostgreSQL's. */
export const checkFolder = async (data: string, uid: number | undefined): Promise<Finding> => {
  const there = nearest(data)
  try {
    await access(there, constants.W_OK | constants.X_OK)
  } catch {
    return fail('data folder', `${there} cannot be written to`, OTHER_FOLDER)
  }
  if (!(await stat(there)).isDirectory())
    return fail('data folder', `${there} is a file`, 'choose a folder with --data')
  const postgres = await stat(join(data, 'postgres')).catch(() => undefined)
  if (postgres && uid !== undefined && uid !== 0 && postgres.uid !== uid)
    return fail('data folder', `${data}/postgres belongs to another user (uid ${postgres.uid})`, OTHER_FOLDER)
  if (uid === 0) {
    // A user that is yet to be made owns nothing: it passes where everybody may.
    const account = (await findAccount()) ?? { uid: -1, gid: -1 }
    try {
      await checkReachable(join(there, 'postgres'), account, 'the data folder')
    } catch (error) {
      const [text = '', fix = ''] = (error as Error).message.split(' Open ')
      return fail('data folder', text, `open ${fix}`)
    }
  }
  return ok('data folder', existsSync(data) ? data : `${data}, made at the first start`)
}

/** The runtime of the data folder, if one runs. */
export const runningIn = (data: string): Promise<RuntimeFile | undefined> =>
  readRuntimeFile(data).catch(() => undefined)

/** Whether a runtime uses the data folder already. */
export const checkRuntime = async (data: string): Promise<Finding> => {
  const pid = await lockHolder(data)
  if (pid !== undefined) return ok('runtime', `pid ${pid} runs on ${data}`)
  const left = existsSync(join(data, 'lock'))
  return ok('runtime', left ? 'none; one was killed here, the next start puts its data in order' : 'none runs here')
}

/** Whether the port is free, or held by the very runtime of the data folder. */
export const checkPortFree = async (host: string, port: number, running: RuntimeFile | undefined): Promise<Finding> => {
  if (running && Number(new URL(running.url).port) === port) return ok('port', `${port} is that of the running runtime`)
  const fault = await portFault(host, port)
  return fault === undefined ? ok('port', `${port} is free`) : fail('port', fault.text, fault.fix)
}

/** Whether the clock stands after everything that was written before. */
export const checkClock = async (root: string, data: string): Promise<Finding> => {
  const files = { 'the build': join(root, 'dist/runtime/cli.js'), 'the runtime log': join(data, 'logs/runtime.log') }
  const earlier = await Promise.all(
    Object.entries(files).map(async ([what, path]) => ({
      what,
      at: (await stat(path).catch(() => undefined))?.mtimeMs ?? 0,
    })),
  )
  return judgeClock(Date.now(), earlier)
}

/** Whether PostgreSQL has room for shared memory. */
export const checkSharedMemory = async (): Promise<Finding> => {
  const found = process.platform === 'linux' ? await statfs('/dev/shm').catch(() => undefined) : undefined
  return judgeSharedMemory(found && found.bavail * found.bsize)
}
