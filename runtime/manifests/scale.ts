import type { LoadRule, StackFunction } from '../stack/types.ts'

const PREFIX = 'com.openfaas.scale.'

/** The labels that say how a function scales: they are translated, not copied. */
export const isScaleLabel = (name: string): boolean => name.startsWith(PREFIX)

/** What the labels of a function ask of a platform. */
export interface ScalePlan {
  /** 0 where it may sleep. */
  min: number
  max: number
  /** Replicas to wake to, 2 or more. */
  wakeTo: number | undefined
  /** Only what a label says: each platform has defaults of its own. */
  type: LoadRule['type'] | undefined
  target: number | undefined
  /** Percent of the target that is aimed at. */
  utilization: number | undefined
  idleMs: number | undefined
  downWindowMs: number | undefined
  /** A step of OpenFaaS CE's alerts, which nothing else knows. */
  factor: number | undefined
}

/** Tells what the labels of a function ask for, as stack.yml's reader understood them. */
export const scalePlan = ({ labels, scale }: StackFunction): ScalePlan => {
  const given = (name: string) => labels[PREFIX + name] !== undefined
  const { min, max, awake, idleMs, load, factor } = scale
  return {
    ...{ min, max, idleMs, factor },
    wakeTo: awake,
    type: given('type') ? load?.type : undefined,
    target: given('target') ? load?.target : undefined,
    utilization: given('target-proportion') && load ? Math.round(load.proportion * 100) : undefined,
    downWindowMs: given('down.window') ? load?.downWindowMs : undefined,
  }
}

/** Calls one replica of a function that takes events works on at a time: what the connector reckons with. */
export const eventCalls = ({ environment }: StackFunction): number => Number(environment.DATABASE_POOL) || 2

/** Whether the connector, or a source in its place, calls a function. */
export const takesEvents = ({ wiring: { topics, foreignTopic, schedule } }: StackFunction): boolean =>
  topics.length > 0 || foreignTopic !== undefined || schedule !== undefined
