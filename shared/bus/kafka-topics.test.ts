import { expect, it } from '@jest/globals'
import type { Kafka } from 'kafkajs'
import { kafkaTopics } from './kafka-topics.ts'

const PLAN = { topic: 't', partitions: 2, retentionDays: 1 }
const UNKNOWN = Object.assign(new Error('This server does not host this topic-partition'), {
  type: 'UNKNOWN_TOPIC_OR_PARTITION',
})

/** A cluster on which the topics that are made are known from the n-th look at them on. */
function clusterThatKnows(after: number) {
  const made: string[] = []
  let looks = 0
  const look = () => {
    if (++looks < after) throw UNKNOWN
  }
  const admin = {
    connect: async () => {},
    disconnect: async () => {},
    listTopics: async () => made,
    createTopics: async ({ topics }: { topics: { topic: string }[] }) => {
      made.push(...topics.map(({ topic }) => topic))
      look()
    },
    fetchTopicMetadata: async () => {
      look()
      return { topics: [{ name: 't', partitions: [0, 1] }] }
    },
  }
  const make = () => ({ admin: () => admin }) as unknown as Kafka
  return { made, topics: kafkaTopics({ make, requestMs: 1000, fault: (error) => error }) }
}

it.each([1, 2, 3, 5])('waits until a topic it has made is known, at the look number %i', async (after) => {
  const { made, topics } = clusterThatKnows(after)
  await topics.ensure([PLAN])
  expect(made).toEqual(['t'])
})

it('gives up on a topic that never gets known', async () => {
  const { made, topics } = clusterThatKnows(Number.POSITIVE_INFINITY)
  await expect(topics.ensure([PLAN])).rejects.toBe(UNKNOWN)
  expect(made).toEqual(['t'])
})
