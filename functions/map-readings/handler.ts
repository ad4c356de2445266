import { defineFunction } from '#shared/function/define.ts'
import { acceptanceOf, receivedAt } from './acceptance.ts'
import { mappingOf, readingOf } from './map.ts'

/** Makes readings of the messages of foreign topics, by the mapping of each topic. */
export default defineFunction({
  name: 'map-readings',
  produces: ['readings'],

  map(message, { now, settings }) {
    const data = readingOf(message, mappingOf(message.topic, settings), acceptanceOf(now, settings))
    return [{ topic: 'readings', data: { ...data, receivedAt: receivedAt(message.time, data.observedAt, now) } }]
  },
})
