import { parseTimeout } from '#shared/contracts/duration.ts'
import type { StackFunction } from '../stack/types.ts'
import { UserError } from '../user-error.ts'
import type { Plan } from './types.ts'

/** How long a text of a function says, in ms; throws UserError that names the function and what it is of. */
export const timeOf = (functionName: string, what: string, text: string): number => {
  try {
    return parseTimeout(text)
  } catch (error) {
    throw new UserError(`${functionName}: ${what} of "${text.slice(0, 64)}": ${(error as Error).message}`)
  }
}

/** How long one of Junction's own functions that is to end still takes calls: until the last caller has heard of it. */
export const DRAIN = '10s'
/** What a function takes at least to end its calls in flight. */
const DRAINED_S = 55

/** How long a call of a function may take, in ms. */
export const execTimeout = ({ settings }: Pick<Plan, 'settings'>, { name, environment }: StackFunction): number =>
  timeOf(name, 'exec_timeout', environment.exec_timeout ?? settings.exec_timeout ?? '10s')

/** How long a function that is told to end is left alone, in seconds: it drains, ends its calls in flight, and closes. */
export const graceSeconds = (plan: Pick<Plan, 'settings'>, one: StackFunction): number => {
  const drain = timeOf(one.name, 'DRAIN_DELAY', one.environment.DRAIN_DELAY ?? DRAIN) / 1_000
  return Math.ceil(drain) + Math.max(DRAINED_S, Math.ceil(execTimeout(plan, one) / 1_000)) + 5
}
