import { parseArgs } from 'node:util'
import type { KillCounts } from './kills.ts'

/** What a run is asked for. */
export interface Options {
  day: string
  seed: number
  /** How many times the demo city is there. */
  copies: number
  windows: number
  wanted: KillCounts
  /** The broken part of the counting function, or undefined for none. */
  control: string | undefined
  keep: boolean
}

/** Reads the arguments of `npm run e2e`. */
export function readOptions(args: string[]): Options {
  const { values } = parseArgs({
    args,
    options: {
      day: { type: 'string', default: 'demo' },
      seed: { type: 'string', default: '1' },
      kills: { type: 'string', default: '30' },
      control: { type: 'string' },
      short: { type: 'boolean', default: false },
      keep: { type: 'boolean', default: false },
    },
  })
  const { day, control, short, keep } = values
  if (control !== undefined && !['position-off', 'position-first'].includes(control)) {
    throw new Error(`--control is position-off or position-first, not ${control}`)
  }
  const kills = Number(values.kills)
  const wanted = short
    ? { functions: 6, afterEffect: 2, runtimes: 1, postgres: 1 }
    : {
        functions: kills,
        afterEffect: Math.max(5, Math.floor(kills / 4)),
        runtimes: Math.max(5, Math.floor(kills / 6)),
        postgres: Math.max(3, Math.floor(kills / 10)),
      }
  return {
    day,
    seed: Number(values.seed),
    copies: short ? 1 : 3,
    windows: short ? 48 : 288,
    wanted,
    control,
    keep,
  }
}
