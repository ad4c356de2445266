import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Evaluation } from '#models/traffic/evaluate/evaluation.ts'
import { testStart } from '#models/traffic/evaluate/protocol.ts'
import { readGrid } from '#models/traffic/read-grid.ts'
import type { Scenario } from './irregular.ts'
import { verdictOf } from './verdict.ts'

const SEED = 1
const FILES = ['model.onnx', 'model.json', 'statistics.json', 'golden.json', 'card.md']

/**
 * Trains twice on what precedes the test part of a dataset, compares the bytes, and judges the model on the test part: by
 * the limits of Los-loop where it is that, else by persistence and slot mean. Returns what is wrong.
 */
export const held = async ({ junction, folder, say }: Scenario, data: string): Promise<string[]> => {
  const { grid } = await readGrid(data)
  const until = new Date(grid.start + testStart(grid.rows) * grid.stepMs).toISOString()
  const models = ['first', 'second'].map((name) => join(folder, name))
  const printed = await Promise.all(
    models.map((out) => junction('train', '--data', data, '--until', until, '--seed', `${SEED}`, '--out', out)),
  )
  say(printed[0] ?? '')
  const [first = '', second = ''] = models
  const differing = FILES.filter((file) => !readFileSync(join(first, file)).equals(readFileSync(join(second, file))))
  const report = join(folder, 'report.md')
  const asked = ['--data', data, '--model', first, '--report', report]
  const evaluation = JSON.parse(await junction('evaluate', ...asked, '--json')) as Evaluation
  say(readFileSync(report, 'utf8'))
  const { by, faults } = verdictOf(evaluation)
  say(by)
  return [...differing.map((file) => `the same data and seed made another ${file}`), ...faults]
}
