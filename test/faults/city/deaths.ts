import type { Stage } from '../row.ts'
import type { City } from './city.ts'

/** Sends the events in so many shares, and has the counting function die by that order within each; answers the deaths. */
export async function deaths(stage: Stage, city: City, order: string, times: number): Promise<number> {
  for (let death = 1; death <= times; death++) {
    const load = city.generator.send({ events: Math.ceil(stage.events / times) })
    await city.orders.obeyed(order)
    await load.done
    // An answer between two crashes, or the gateway takes the function for one that cannot run.
    await city.atRest()
    if (death % 5 === 0) stage.say(`${death} of ${times} deaths`)
  }
  return times
}
