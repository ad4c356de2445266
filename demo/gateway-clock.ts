import { z } from 'zod'
import type { FeedClock } from './feed.ts'
import { bearer, FrontDoorError } from './front-door.ts'

const Status = z.looseObject({ clock: z.looseObject({ now: z.iso.datetime(), speed: z.number().nonnegative() }) })

interface Asked {
  gateway: string
  /** Of the gateway's operator, where it asks for one. */
  token?: string | undefined
  signal: AbortSignal
}

/** Reads the city time of a running city once and goes on from there; throws FrontDoorError where it stands still. */
export const gatewayClock = async ({ gateway, token, signal }: Asked): Promise<FeedClock> => {
  const url = new URL('/system/junction/status', gateway)
  const response = await fetch(url, { headers: bearer(token), signal }).catch((error: Error) => {
    throw new FrontDoorError(
      `${url} cannot be reached (${(error.cause as Error | undefined)?.message ?? error.message})`,
    )
  })
  const status = Status.safeParse(response.ok ? await response.json() : undefined)
  if (!status.success)
    throw new FrontDoorError(`${url} answers ${response.status} without a city clock: is it a Junction?`)
  const { now, speed } = status.data.clock
  if (speed === 0) throw new FrontDoorError('the city clock is stepped by hand: a feed needs one that runs')
  return runningClock(new Date(now), speed)
}

/** A clock that starts now at `start` and runs `speed` times as fast as real time, also while the machine sleeps. */
export const runningClock = (start: Date, speed: number): FeedClock => {
  // Not performance.now(), which stands still in a machine that sleeps: the functions' time has gone on.
  const began = Date.now()
  return { speed, now: () => new Date(start.getTime() + (Date.now() - began) * speed) }
}
