import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Sidecar } from '#models/traffic/sidecar.ts'
import type { Figure, Row } from '../row.ts'
import { cpuSeconds } from '../usage.ts'

const DAYS = '8'

/** From a dataset to a model. */
export const training: Row = {
  name: 'train',
  what: `junction train on ${DAYS} days of the simulated town, as a process of its own`,
  async measure() {
    const folder = mkdtempSync(join(tmpdir(), 'junction-bench-train-'))
    try {
      await junction('demo', 'export', '--days', DAYS, '--out', join(folder, 'days'))
      const before = cpuSeconds([process.pid])
      const began = performance.now()
      const model = join(folder, 'model')
      const lines = await junction('train', '--data', join(folder, 'days'), '--out', model)
      const seconds = (performance.now() - began) / 1000
      const busy = cpuSeconds([process.pid]) - before
      const { training } = Sidecar.parse(JSON.parse(readFileSync(join(model, 'model.json'), 'utf8')))
      const epochs = lines.filter(({ line }) => /\bepoch \d+ of /.test(line))
      const first = epochs[0]?.at ?? Number.NaN
      const rate = (training.windows.used * (epochs.length - 1) * 1000) / ((epochs.at(-1)?.at ?? Number.NaN) - first)
      return [
        { name: 'the whole command', value: seconds, unit: 's' },
        { name: 'its processor time', value: busy, unit: 's' },
        { name: 'windows of the fit', value: training.windows.used, unit: '' },
        { name: 'fitted and validated, from the second epoch on', value: rate, unit: 'windows/s' },
      ] satisfies Figure[]
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  },
}

/** Runs `bin/junction` to its end; answers its lines and when each came, ms. */
async function junction(...args: string[]): Promise<{ line: string; at: number }[]> {
  const child = spawn(process.execPath, ['bin/junction', ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  const lines: { line: string; at: number }[] = []
  for await (const line of createInterface(child.stdout)) lines.push({ line, at: performance.now() })
  if (child.exitCode === null) await once(child, 'exit')
  if (child.exitCode !== 0) throw new Error(`junction ${args.join(' ')} ended with ${child.exitCode}`)
  return lines
}
