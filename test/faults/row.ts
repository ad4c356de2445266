import type { Random } from '#test/e2e/random.ts'
import type { City, CityOptions } from './city/city.ts'

/** What carries the events: one of the three drivers, or none where a row is about no bus at all. */
export const BUSES = ['postgres', 'kafka', 'nats', 'none'] as const
export type BusName = (typeof BUSES)[number]

/** A fault of the catalogue, and how it is caused and judged. */
export interface Row {
  /** Its id in the catalogue. */
  id: string
  buses: BusName[]
  /** The fault in a few words. */
  what: string
  /** `redeliveries`: the fault means some, so without any the row fails. */
  needs: 'redeliveries'[]
  run(stage: Stage): Promise<Verdict>
}

/** What delivery came to, counted: all of the first four must be 0, and positions at their ends. */
export interface Counts {
  lost: number
  dup: number
  forged: number
  both: number
  atEnds: boolean
}

/** A pass criterion of a row's own. */
export interface Criterion {
  what: string
  /** As measured. */
  value: string | number
  ok: boolean
}

/** What a row came to. */
export interface Verdict {
  events: number
  /** Faults that were caused: a row that fired none has tested nothing. */
  fired: number
  /** Events that were handed to a function again; undefined where nothing counts them. */
  redeliveries?: number
  /** Undefined where nothing is delivered. */
  counts?: Counts
  criteria: Criterion[]
  /** Figures that nothing is demanded of. */
  notes?: Pick<Criterion, 'what' | 'value'>[]
}

/** How long and how much: `ci` runs every row within minutes, `full` by the catalogue's own figures. */
export type Profile = 'ci' | 'full'

/** What a row runs on. */
export interface Stage {
  bus: BusName
  profile: Profile
  seed: number
  /** Follows from the seed alone. */
  random: Random
  /** Events of the default load: 5,000 in full. */
  events: number
  /** A part put in the place of a sound one, by the name of its test function; undefined but for a control. */
  broken: string | undefined
  /** A folder of the row's own, removed after it. */
  folder: string
  /** The catalogue's figure in full, another in ci. */
  scaled(full: number, ci: number): number
  /** Shows progress. */
  say(line: string): void
  /** Starts database, bus, gateway, connector and functions as processes; they end with the row. */
  city(options?: CityOptions): Promise<City>
  /** Run after the row, last first. */
  atEnd(work: () => Promise<unknown> | unknown): void
}

/** A criterion: how it was measured is shown, whether it holds counts. */
export const criterion = (what: string, value: string | number, ok: boolean): Criterion => ({ what, value, ok })

/** A criterion of speed: demanded in full, shown in ci, where other rows run beside it and a moment's load decides. */
export const ofSpeed = ({ profile }: Stage, speed: Criterion): { criteria: Criterion[]; notes: Criterion[] } =>
  profile === 'full' ? { criteria: [speed], notes: [] } : { criteria: [], notes: [speed] }
