import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { build } from 'esbuild'
import type { FixtureOptions } from '../gateway/fixture.ts'

/** A gateway in a process of its own. */
export interface RuntimeProcess {
  url: string
  socketDir: string
  child: ChildProcess
  /** The pids of all replicas that were started. */
  starts(): number[]
  stop(): Promise<void>
}

/** Starts `runtime-entry.ts` in a plain process: jest's realm makes every access to a global slow. */
export const startRuntime = async (options: FixtureOptions): Promise<RuntimeProcess> => {
  const outfile = join('node_modules', '.cache', 'junction-test', 'runtime-entry.js')
  const bundle = { bundle: true, platform: 'node', format: 'esm', packages: 'external' } as const
  // Other test files do the same beside this one: each finds a whole file.
  const own = `${outfile}.${process.pid}`
  await build({ ...bundle, entryPoints: ['test/replicas/runtime-entry.ts'], outfile: own })
  renameSync(own, outfile)
  const child = spawn(process.execPath, [outfile, JSON.stringify(options)], { stdio: ['pipe', 'pipe', 'inherit'] })
  const line = await new Promise<string>((resolve, reject) => {
    createInterface(child.stdout).once('line', resolve)
    child.once('exit', (code, signal) => reject(new Error(`the runtime ended with ${code ?? signal}`)))
  })
  const { url, root, socketDir } = JSON.parse(line) as { url: string; root: string; socketDir: string }
  return {
    ...{ url, socketDir, child },
    starts: () => readFileSync(join(root, 'starts'), 'utf8').split('\n').filter(Boolean).map(Number),
    stop: () =>
      new Promise((done) => {
        if (child.exitCode !== null || child.signalCode !== null) return done()
        child.once('exit', () => done())
        child.stdin.end()
      }),
  }
}
