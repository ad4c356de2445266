import type { Bus, PartitionEnd } from '#shared/bus/port.ts'
import { topicPlans } from '#shared/contracts/topics.ts'
import type { Member } from './member.ts'
import type { Positions } from './positions.ts'
import type { Time } from './types.ts'

const POSITIONS_MS = 1_000

/** What a look at one log needs. */
export interface LogLookOptions {
  bus: Bus
  positions: Positions
  /** Those who read this log. */
  readers(): Member[]
  time: Time
}

/**
 * Prepares the look at one log: its readers take their shares and hear how far it goes; true if it moved for one of them.
 * What is the matter with one topic concerns its readers alone; the look fails for what concerns the log.
 */
export function lookAtLog({ bus, positions, readers, time }: LogLookOptions): () => Promise<boolean> {
  let prepared = false
  let positionsAt = 0

  async function lookAtPositions(members: Member[]): Promise<void> {
    const lookedAt = time.now()
    if (lookedAt < positionsAt) return
    positionsAt = lookedAt + POSITIONS_MS
    const topics = topicsOf(members)
    if (topics.length === 0) return
    const names = members.map(({ name }) => name)
    for (const { consumer, topic, partition, next } of await positions.all(names, topics))
      members.find(({ name }) => name === consumer)?.stored(topic, partition, next)
  }

  /** In one question where all can be answered, else topic by topic. */
  async function endsOf(members: Member[]): Promise<PartitionEnd[]> {
    const topics = topicsOf(members)
    if (topics.length === 0) return []
    const faults = new Map<string, unknown>()
    const each = async (topic: string) =>
      bus.ends([topic]).catch((error) => {
        if (!isOfItsTopic(error)) throw error
        faults.set(topic, error)
        return []
      })
    const ends = await bus.ends(topics).catch(async (error) => {
      if (!isOfItsTopic(error)) throw error
      return (await Promise.all(topics.map(each))).flat()
    })
    for (const { share } of members) share.heard(share.topics.map((topic) => faults.get(topic)).find(Boolean))
    return ends
  }

  return async () => {
    if (!prepared) await bus.ensureTopics(topicPlans)
    prepared = true
    const members = readers()
    await Promise.all(members.map(({ share }) => share.take()))
    let any = false
    for (const { topic, partition, end } of await endsOf(members.filter(({ share }) => share.topics.length > 0))) {
      for (const member of members) if (member.seen(topic, partition, end)) any = true
    }
    await lookAtPositions(members)
    return any
  }
}

const isOfItsTopic = (error: { code?: unknown }): boolean => error.code === 'configuration'

const topicsOf = (members: Member[]): string[] => [...new Set(members.flatMap(({ share }) => share.topics))]
