import { resolve } from 'node:path'
import { type Finding, fail } from '../doctor/finding.ts'
import {
  checkClock,
  checkFolder,
  checkPortFree,
  checkRuntime,
  checkSharedMemory,
  nearest,
  runningIn,
} from '../doctor/folder.ts'
import { checkBuild, checkPackages, checkServer } from '../doctor/installation.ts'
import {
  freeBytes,
  freeMemory,
  judgeDisk,
  judgeFiles,
  judgeMemory,
  judgeNode,
  judgeSystem,
  judgeUser,
  openFilesLimit,
} from '../doctor/machine.ts'
import { projectPackage, projectRoot } from '../project.ts'
import type { Output } from './output.ts'

/** What `junction doctor` looks at. */
export interface DoctorOptions {
  data: string
  host: string
  /** That of the running runtime, or 8080, unless given. */
  port?: number
}

const DEFAULT_PORT = 8080

/** Looks at everything a start needs; a check that cannot be made is a failure of its own. */
export const examine = async (options: DoctorOptions): Promise<Finding[]> => {
  const root = projectRoot()
  const data = resolve(options.data)
  const uid = process.getuid?.()
  const running = await runningIn(data)
  const port = options.port ?? (running ? Number(new URL(running.url).port) : DEFAULT_PORT)
  const checks: Record<string, () => Finding | Promise<Finding>> = {
    'Node.js': () => judgeNode(process.versions.node, projectPackage().engines.node),
    system: () => judgeSystem(process.platform, process.arch),
    user: () => judgeUser(uid),
    packages: () => checkPackages(root),
    build: () => checkBuild(root),
    PostgreSQL: checkServer,
    port: () => checkPortFree(options.host, port, running),
    'data folder': () => checkFolder(data, uid),
    runtime: () => checkRuntime(data),
    disk: async () => judgeDisk(await freeBytes(nearest(data)), data),
    'open files': () => judgeFiles(openFilesLimit()),
    memory: () => judgeMemory(freeMemory()),
    'shared memory': checkSharedMemory,
    clock: () => checkClock(root, data),
  }
  const made = async ([name, check]: [string, () => Finding | Promise<Finding>]): Promise<Finding> => {
    try {
      return await check()
    } catch (error) {
      return fail(name, `it cannot be looked at: ${(error as Error).message}`, 'see whether this user may read it')
    }
  }
  return Promise.all(Object.entries(checks).map(made))
}

/** One line a finding, and one below it that says what to do. */
export const findingLines = (findings: Finding[]): string[] => {
  const width = Math.max(...findings.map(({ name }) => name.length))
  return findings.flatMap(({ name, level, text, fix }) => [
    `${level.padEnd(4)}  ${name.padEnd(width)}  ${text}`,
    ...(fix === undefined ? [] : [`${''.padEnd(width + 6)}  → ${fix}`]),
  ])
}

/** Says what stands in the way of a start and what to do about it; exit code 1 where something does. */
export const doctor = async (options: DoctorOptions, output: Output): Promise<void> => {
  const findings = await examine(options)
  const failed = findings.some(({ level }) => level === 'fail')
  output.data({ ok: !failed, findings }, () => findingLines(findings))
  if (failed) output.fail()
}
