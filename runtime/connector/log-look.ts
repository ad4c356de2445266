import type { Bus } from '#shared/bus/port.ts'
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

/** Prepares the look at one log: its readers take their shares and hear how far it goes; true if it moved for one of them. */
export function lookAtLog({ bus, positions, readers, time }: LogLookOptions): () => Promise<boolean> {
  let prepared = false
  let positionsAt = 0

  async function lookAtPositions(members: Member[]): Promise<void> {
    const lookedAt = time.now()
    if (lookedAt < positionsAt) return
    positionsAt = lookedAt + POSITIONS_MS
    for (const { consumer, topic, partition, next } of await positions.all(members.map(({ name }) => name)))
      members.find(({ name }) => name === consumer)?.stored(topic, partition, next)
  }

  return async () => {
    if (!prepared) await bus.ensureTopics(topicPlans)
    prepared = true
    const members = readers()
    await Promise.all(members.map((member) => member.assign()))
    const topics = [...new Set(members.flatMap((member) => member.topics))]
    let any = false
    for (const { topic, partition, end } of topics.length === 0 ? [] : await bus.ends(topics)) {
      for (const member of members) if (member.seen(topic, partition, end)) any = true
    }
    await lookAtPositions(members)
    return any
  }
}
