import { spawnSync } from 'node:child_process'

/** Runs a verb of test/models/program.ts on each argument. */
export const runProgram = (verb: string, ...args: string[]): Record<string, unknown>[] => {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['dist/test/models.js', verb, ...args])
  if (status !== 0) throw new Error(`${verb} ended with ${status}: ${stderr}`)
  return JSON.parse(`${stdout}`)
}
