import { expect, it } from '@jest/globals'
import { pino } from 'pino'
import type { Session, SessionEvents } from './kafka-session.ts'
import { kafkaShare } from './kafka-share.ts'
import type { KafkaTopics } from './kafka-topics.ts'

const PARTITION = { topic: 't', partition: 0 }
const cluster = { clusterId: async () => 'c', ends: async () => [] } as unknown as KafkaTopics

/** A share whose group is one member that commits so. */
async function shareThat(commit: Session['commit']) {
  let stopped = false
  const open = (_consumer: string, _topics: string[], events: SessionEvents): Session => {
    setImmediate(() => events.onShare([PARTITION]))
    const nothing = () => {}
    const stop = async () => {
      stopped = true
    }
    return { answers: 0, seek: nothing, pause: nothing, resume: nothing, commit, stop }
  }
  const log = pino({ level: 'silent' })
  const options = { consumer: 'f', topics: ['t'], onChange: () => {}, open, cluster, watchdogMs: 60_000, log }
  const assignment = await kafkaShare(options)
  assignment.passed?.(PARTITION, 7n)
  return { assignment, left: () => stopped }
}

it('is left though the broker does not answer the last commit', async () => {
  const { assignment, left } = await shareThat(() => new Promise(() => {}))
  await assignment.release()
  expect(left()).toBe(true)
})

it('copies the positions once more before it leaves', async () => {
  const committed: unknown[] = []
  const { assignment, left } = await shareThat(async (positions) => {
    committed.push(left(), ...positions)
  })
  await assignment.release()
  expect(committed).toEqual([false, { ...PARTITION, next: 7n }])
})
