import { expect, it } from '@jest/globals'
import { pino } from 'pino'
import { until } from '#test/servers/until.ts'
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

it('gives a new client all the time it takes to join', async () => {
  let looks = 0
  const stalled = {
    clusterId: async () => 'c',
    ends: async () => {
      looks++
      return []
    },
    range: async () => ({ low: 0n, end: 5n }),
    knownEnd: () => 5n,
  } as unknown as KafkaTopics
  const opened: SessionEvents[] = []
  const open = (_consumer: string, _topics: string[], events: SessionEvents): Session => {
    // The first joins and fetches nothing; the next is still joining.
    if (opened.push(events) === 1) setImmediate(() => events.onShare([PARTITION]))
    const nothing = () => {}
    const none = async () => {}
    return { answers: 0, seek: nothing, pause: nothing, resume: nothing, commit: none, stop: none }
  }
  const log = pino({ level: 'silent' })
  const options = { consumer: 'f', topics: ['t'], onChange: () => {}, open, cluster: stalled, watchdogMs: 40, log }
  const assignment = await kafkaShare(options)
  const reading = assignment.read({ ...PARTITION, offset: 0n }, { events: 1, bytes: 1 })
  await until('a new client', () => opened.length > 1)
  const then = looks
  await until('many looks of the watchdog', () => looks > then + 20)
  expect(opened).toHaveLength(2)
  await assignment.release()
  await reading
})
