import { describe, expect, it } from '@jest/globals'
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

/** A cluster that answers a look at the ends when it is told, with what it is told. */
function clusterThatWaits() {
  const looks: ((high: string) => void)[] = []
  const admin = {
    connect: async () => {},
    disconnect: async () => {},
    fetchTopicOffsets: () =>
      new Promise((resolve) => {
        looks.push((high) => resolve([{ partition: 0, offset: high, high, low: '0' }]))
      }),
  }
  const make = () => ({ admin: () => admin }) as unknown as Kafka
  const topics = kafkaTopics({ make, requestMs: 1000, fault: (error) => error })
  const look = async () => {
    const end = topics.range({ topic: 't', partition: 0 })
    while (looks.length === 0) await new Promise(setImmediate)
    const answer = looks.shift() as (high: string) => void
    return async (high: string) => {
      answer(high)
      return (await end).end
    }
  }
  return { topics, look }
}

describe('the end of a partition', () => {
  it('does not go back behind what was written while a look was under way', async () => {
    const { topics, look } = clusterThatWaits()
    const answer = await look()
    topics.reached({ topic: 't', partition: 0 }, 20n)
    topics.reached({ topic: 't', partition: 0 }, 5n)
    topics.reached({ topic: 't', partition: 1 }, 90n)
    expect(await answer('0')).toBe(20n)
    expect(topics.knownEnd({ topic: 't', partition: 0 })).toBe(20n)
  })

  it('is what the broker says where nothing was written since it was asked, as of a topic made anew', async () => {
    const { topics, look } = clusterThatWaits()
    topics.reached({ topic: 't', partition: 0 }, 20n)
    const answer = await look()
    expect(await answer('3')).toBe(3n)
  })
})
