import { expect, it } from '@jest/globals'
import { examples } from './examples.ts'
import { type Topic, topics } from './topics.ts'

it.each(Object.entries(topics) as [keyof typeof topics, Topic][])('the example of %s is one', (name, topic) => {
  expect(topic.schema.safeParse(examples[name]).error).toBeUndefined()
  expect(topic.schema.safeParse({ ...examples[name], more: 1 }).success).toBe(false)
})
