/** A function that events of a topic call: it tells in its log what came. */
export function topicFunction(name, topic, { key, time }, example) {
  const data = `TopicData<'${topic}'>`
  return {
    comment: `${topic} → its log`,
    annotations: {
      'city.junction.topics': topic,
      'city.junction.batch': '100',
      'city.junction.from': 'latest',
    },
    says: {
      'handler.ts': 'what it consumes, and what it does with it',
      'summarize.ts': 'what it makes of the events: begin here',
      'summarize.test.ts': `its test: npm test functions/${name}`,
    },
    look: `see it react to ${topic}: bin/junction logs ${name}`,
    files: {
      'handler.ts': `import { defineFunction } from '#shared/function/define.ts'
import { summarize } from './summarize.ts'

/** Tells in its log what comes on \`${topic}\`. */
export default defineFunction({
  name: '${name}',
  consumes: ['${topic}'],
  async onEvents(events, { log }) {
    log.info(summarize(events.map(({ data }) => data)), 'events came')
    // What a function gives to a topic of its \`produces\` it returns: { events: [{ topic, data }] }.
    return undefined
  },
})
`,
      'summarize.ts': `import { type TopicData, topics } from '#shared/contracts/topics.ts'

const topic = topics${/^\w+$/.test(topic) ? `.${topic}` : `['${topic}']`}

/** What events of one call tell together: how many, of whom (the first five), and of when the newest is. */
export const summarize = (events: ${data}[]) => ({
  events: events.length,
  of: [...new Set(events.map(topic.key))].slice(0, 5),
  newest: events.map(topic.time).sort().at(-1),
})
`,
      'summarize.test.ts': `import { expect, it } from '@jest/globals'
import type { TopicData } from '#shared/contracts/topics.ts'
import { summarize } from './summarize.ts'

const event: ${data} = ${JSON.stringify(example)}

it('tells how many events came, of whom and of when', () => {
  const told = { events: 2, of: [${JSON.stringify(key(example))}], newest: ${JSON.stringify(time(example))} }
  expect(summarize([event, event])).toEqual(told)
})

it('tells of no event', () => {
  expect(summarize([])).toEqual({ events: 0, of: [], newest: undefined })
})
`,
    },
  }
}
