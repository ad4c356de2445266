import { createHash, type Hash } from 'node:crypto'
import type { Grid } from './grid.ts'
import type { Sidecar } from './sidecar.ts'

/** SHA-256, in hex, of the rows before `untilRow`: the ids of the sensors, the times and the values. */
export const gridHash = (grid: Grid, untilRow: number): string => {
  const hash = headerHash(grid)
  for (let row = 0; row < untilRow; row++) hash.update(rowBytes(grid, row))
  return hash.digest('hex')
}

/**
 * Whether a model's training has seen row `row` or a later one of a grid: its hash is that of a part of the grid which
 * goes past it, or, whatever the hash says, it had one of the grid's sensors (`ids` are the model's) at such a time.
 */
export const coversRows = (
  grid: Grid,
  { training, ids }: { training: Pick<Sidecar['training'], 'from' | 'until' | 'sha256'>; ids: Iterable<string> },
  row: number,
): boolean => {
  const from = grid.start + row * grid.stepMs
  const until = grid.start + grid.rows * grid.stepMs
  const overlaps = Date.parse(training.from) < until && Date.parse(training.until) > from
  const known = new Set(ids)
  if (overlaps && grid.sensors.some((id) => known.has(id))) return true
  const hash = headerHash(grid)
  for (let n = 0; n < grid.rows; n++) {
    hash.update(rowBytes(grid, n))
    if (n >= row && hash.copy().digest('hex') === training.sha256) return true
  }
  return false
}

const headerHash = ({ sensors, start, stepMs }: Grid): Hash =>
  createHash('sha256').update(JSON.stringify({ sensors, start, stepMs }))

/** Little-endian float32, every NaN the same. */
const rowBytes = ({ sensors, values }: Grid, row: number): Uint8Array => {
  const bytes = new DataView(new ArrayBuffer(sensors.length * 4))
  for (let i = 0; i < sensors.length; i++) {
    const value = values[row * sensors.length + i] as number
    bytes.setFloat32(i * 4, Number.isNaN(value) ? Number.NaN : value, true)
  }
  return new Uint8Array(bytes.buffer)
}
