import { randomFrom } from '../train/random.ts'
import { type Errors, forTargets, type Test } from './errors.ts'

/** 95 of 100 draws lie between these. */
export type Interval = [low: number, high: number]

const DRAWS = 1000
/** Readings within it are taken for one witness. */
export const BLOCK_MS = 2 * 3_600_000

/** Sums over the windows of a block of time. */
type Sums = { n: number } & Record<'own' | 'other', { squares: number; absolutes: number }>

/**
 * How much less a forecast's errors over the steps to each horizon are than another's, if the test part had been made of
 * other hours like its own: blocks of two hours are drawn anew, as readings that follow one another are no independent witnesses.
 */
export const marginsOf = (
  test: Test,
  own: Float32Array,
  other: Float32Array,
  stepMs: number,
): Record<keyof Errors, Interval[]> => {
  const rowsOfBlock = Math.max(1, Math.round(BLOCK_MS / stepMs))
  const intervals = test.horizons.map((horizon) => {
    const blocks = blocksOf(test, horizon, own, other, rowsOfBlock)
    const random = randomFrom(horizon)
    const draws = Array.from({ length: DRAWS }, () =>
      differences(blocks.map(() => blocks[Math.floor(random() * blocks.length)] as Sums)),
    )
    return { rmse: interval(draws.map(({ rmse }) => rmse)), mae: interval(draws.map(({ mae }) => mae)) }
  })
  return { rmse: intervals.map(({ rmse }) => rmse), mae: intervals.map(({ mae }) => mae) }
}

const blocksOf = (test: Test, horizon: number, own: Float32Array, other: Float32Array, rowsOfBlock: number): Sums[] => {
  const blocks = new Map<number, Sums>()
  forTargets(test, horizon, 1, (truth, at, sample) => {
    const place = Math.floor((test.samples.row[sample] as number) / rowsOfBlock)
    const sums = blocks.get(place) ?? {
      ...{ n: 0, own: { squares: 0, absolutes: 0 }, other: { squares: 0, absolutes: 0 } },
    }
    blocks.set(place, sums)
    sums.n += 1
    for (const [sum, forecast] of [[sums.own, own] as const, [sums.other, other] as const]) {
      const off = truth - (forecast[at] as number)
      sum.squares += off * off
      sum.absolutes += Math.abs(off)
    }
  })
  return [...blocks.values()]
}

const differences = (blocks: readonly Sums[]): Record<keyof Errors, number> => {
  const n = blocks.reduce((sum, block) => sum + block.n, 0)
  const mean = (who: 'own' | 'other', what: 'squares' | 'absolutes') =>
    blocks.reduce((sum, block) => sum + block[who][what], 0) / n
  return {
    rmse: Math.sqrt(mean('other', 'squares')) - Math.sqrt(mean('own', 'squares')),
    mae: mean('other', 'absolutes') - mean('own', 'absolutes'),
  }
}

const interval = (draws: number[]): Interval => {
  const sorted = draws.toSorted((a, b) => a - b)
  const at = (share: number) => sorted[Math.round(share * (sorted.length - 1))] as number
  return [at(0.025), at(0.975)]
}
