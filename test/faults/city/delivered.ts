import type { Verdict } from '../row.ts'
import type { City } from './city.ts'

/** What was sent, handed over again and done in a city that has come to rest. */
export const delivered = async (city: City): Promise<Pick<Verdict, 'events' | 'redeliveries' | 'counts'>> => ({
  events: city.generator.count(),
  redeliveries: city.orders.redeliveries(),
  counts: await city.counts(),
})
