import { evaluate } from '#models/traffic/evaluate/evaluate.ts'
import { before } from '#models/traffic/evaluate/forecasts.ts'
import { testStart } from '#models/traffic/evaluate/protocol.ts'
import type { Grid } from '#models/traffic/grid.ts'
import { readGrid } from '#models/traffic/read-grid.ts'
import { randomFrom, shuffle } from '#models/traffic/train/random.ts'
import { trainModel } from '#models/traffic/train/train-model.ts'
import { verdictOf } from './verdict.ts'

/** The control: a model that learned from rows out of order, so from targets that follow from nothing; its faults. */
export const shuffled = async (data: string): Promise<string[]> => {
  const { grid, links, about, unit } = await readGrid(data)
  const learned = outOfOrder(before(grid, testStart(grid.rows)))
  const { files } = trainModel({ grid: learned, links, about, unit, seed: 1 })
  return verdictOf(await evaluate({ folder: data, files, seed: 1, say: () => {} })).faults
}

/** All rows of a grid, each at another time. */
const outOfOrder = (grid: Grid): Grid => {
  const width = grid.sensors.length
  const order = Int32Array.from({ length: grid.rows }, (_, row) => row)
  shuffle(order, randomFrom(1))
  const values = new Float32Array(grid.values.length)
  for (const [row, from] of order.entries())
    values.set(grid.values.subarray(from * width, (from + 1) * width), row * width)
  return { ...grid, values }
}
