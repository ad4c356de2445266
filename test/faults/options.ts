import { parseArgs } from 'node:util'
import { CONTROLS, type ControlName } from './controls.ts'
import { BUSES, type BusName, type Profile } from './row.ts'

/** What a run is asked for. */
export interface Options {
  /** Undefined = all. */
  buses: readonly BusName[] | undefined
  only: string[] | undefined
  seed: number
  seeds: number
  profile: Profile
  control: ControlName | undefined
  verify: boolean
  keep: boolean
}

/** Reads the arguments of `npm run faults`. */
export function readOptions(args: string[]): Options {
  const { values } = parseArgs({
    args,
    options: {
      bus: { type: 'string' },
      only: { type: 'string' },
      seed: { type: 'string', default: '1' },
      seeds: { type: 'string', default: '1' },
      profile: { type: 'string' },
      control: { type: 'string' },
      verify: { type: 'boolean', default: false },
      keep: { type: 'boolean', default: false },
    },
  })
  return {
    buses: values.bus?.split(',').map((name) => oneOf('--bus', BUSES, name.trim())),
    only: values.only?.split(',').map((id) => id.trim().toUpperCase()),
    seed: whole('--seed', values.seed),
    seeds: whole('--seeds', values.seeds),
    profile: oneOf('--profile', ['ci', 'full'] as const, values.profile ?? (values.verify ? 'full' : 'ci')),
    control:
      values.control === undefined
        ? undefined
        : oneOf('--control', Object.keys(CONTROLS) as ControlName[], values.control),
    verify: values.verify,
    keep: values.keep,
  }
}

function oneOf<T extends string>(option: string, known: readonly T[], value: string): T {
  const found = known.find((one) => one === value)
  if (found === undefined) throw new Error(`${option} is one of ${known.join(', ')}, not ${value}`)
  return found
}

function whole(option: string, value: string): number {
  if (!/^[1-9]\d{0,8}$/.test(value)) throw new Error(`${option} is a whole number from 1, not ${value}`)
  return Number(value)
}
