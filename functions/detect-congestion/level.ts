import { flowLevel, type Level } from '#shared/contracts/traffic.ts'

/** How many windows before it a window's level depends on. */
export const MEMORY = 12

/** What was measured on a segment in one window; null where nothing was given. */
export interface Measured {
  /** km/h. */
  speed: number | null
  vehicles: number | null
  /** 0..1. */
  occupancy: number | null
}

/** Consecutive windows of one segment; a window without readings is undefined. */
export type Timeline = readonly (Measured | undefined)[]

/** The level of a window, with what it follows from. */
export interface Assessment {
  level: Level
  /** speed / free-flow speed, to 0.001. */
  ratio: number | null
  /** 0..1: live with vehicle counts 0.9, by speed alone 0.7, from too few vehicles 0.5, unknown 0. */
  confidence: number
  congested: boolean
}

const ENTER = { below: 0.5, windows: 2 }
const LEAVE = { above: 0.6, windows: 3 }
const ENOUGH_VEHICLES = 5
const HIGH_OCCUPANCY = 0.3

/**
 * The level of window k of a timeline, a pure function of it and the twelve before (a gap is undefined).
 *
 * The raw level is the flow level of r = speed / free flow. Congestion is confirmed by persistence, as classic incident
 * detection does (California algorithm): it begins with the 2nd window in a row of r < .50 with at least 5 vehicles or an
 * occupancy above .30 (r alone decides where neither is measured) and ends with the 3rd in a row of r > .60, so it holds
 * for 3 windows at least: the minimum hold of 3 minutes is kept by every window of a minute or more. A window of too few
 * vehicles and a gap keep the state and the runs. Not congested, a level is `slow` at worst; congested, it is `slow` at
 * best.
 */
export function assess(windows: Timeline, k: number, freeFlow: number | null): Assessment {
  const last = windows[k]
  const congested = isCongested(windows, k, freeFlow)
  if (last === undefined || last.speed === null || freeFlow === null)
    return { level: 'unknown', ratio: null, confidence: 0, congested }
  const r = last.speed / freeFlow
  return {
    level: confirmed(flowLevel(r), congested),
    ratio: Math.round(r * 1000) / 1000,
    confidence: sureness(last),
    congested,
  }
}

function isCongested(windows: Timeline, k: number, freeFlow: number | null): boolean {
  let congested = false
  let jammed = 0
  let flowing = 0
  for (let i = Math.max(0, k - MEMORY); i <= k; i++) {
    const window = windows[i]
    if (window === undefined || window.speed === null || freeFlow === null || isThin(window)) continue
    const r = window.speed / freeFlow
    jammed = r < ENTER.below && isLoaded(window) ? jammed + 1 : 0
    flowing = r > LEAVE.above ? flowing + 1 : 0
    if (jammed >= ENTER.windows) congested = true
    if (flowing >= LEAVE.windows) congested = false
  }
  return congested
}

const isFull = ({ occupancy }: Measured): boolean => occupancy !== null && occupancy > HIGH_OCCUPANCY

/** Too few vehicles to judge by, on a road that is not full of standing ones either. */
const isThin = (window: Measured): boolean =>
  window.vehicles !== null && window.vehicles < ENOUGH_VEHICLES && !isFull(window)

/** Traffic enough for a jam: low speed alone counts only where nothing else is measured. */
const isLoaded = (window: Measured): boolean => window.vehicles !== null || window.occupancy === null || isFull(window)

function confirmed(raw: Level, congested: boolean): Level {
  if (congested) return raw === 'free' || raw === 'heavy' ? 'slow' : raw
  return raw === 'queuing' || raw === 'stationary' ? 'slow' : raw
}

function sureness(window: Measured): number {
  if (isThin(window)) return 0.5
  return window.vehicles === null && window.occupancy === null ? 0.7 : 0.9
}
