import { setMaxListeners } from 'node:events'
import type { ConnectorStatus } from '#shared/contracts/runtime-status.ts'
import { topicPlans } from '#shared/contracts/topics.ts'
import { lookForDue } from './due.ts'
import { connectorHealth } from './health.ts'
import { createMember, type Member } from './member.ts'
import { connectorMetrics } from './metrics.ts'
import { startPoll } from './poll.ts'
import { positionsOf } from './positions.ts'
import { realTime } from './time.ts'
import type { ConnectorOptions } from './types.ts'

/** A running connector. */
export interface Connector {
  status(): ConnectorStatus
  /** Probes a stopped or paused function at once; false if the connector knows no such function. */
  resume(functionName: string): boolean
  /** No new calls; waits for those in flight as long as the ladder allows. */
  stop(): Promise<void>
}

const HOUR_MS = 3_600_000

/**
 * Starts to deliver the log, the alarms and the schedules to the functions. Its own database may be down: it then says it
 * is not ready and tries on. Throws only for a configuration that cannot work.
 */
export function startConnector(options: ConnectorOptions): Connector {
  const { bus, database, log, time = realTime, housekeeping } = options
  const cut = new AbortController()
  // Every call in flight listens to it.
  setMaxListeners(0, cut.signal)
  const health = connectorHealth(log)
  const members: Member[] = []
  const metrics = connectorMetrics(options.metrics, () => members.map((member) => member.status()))
  const shared = { ...options, time, metrics, positions: positionsOf(database, bus) }
  for (const spec of options.functions) members.push(createMember(spec, { ...shared, cut: cut.signal }))
  const due = lookForDue(
    members.map((member) => member.ticking),
    database,
    options.clock,
  )
  const topics = [...new Set(members.flatMap((member) => member.topics))]
  let prepared = false
  let housekeepingAt = time.now() + HOUR_MS

  async function look(): Promise<boolean> {
    if (!prepared) await bus.ensureTopics(topicPlans)
    prepared = true
    await Promise.all(members.map((member) => member.assign()))
    const lookedAt = time.now()
    let any = false
    const ends = topics.length === 0 ? [] : await bus.ends(topics)
    for (const { topic, partition, end } of ends) {
      for (const member of members) if (member.seen(topic, partition, end)) any = true
    }
    if (await due(lookedAt)) any = true
    if (housekeeping !== undefined && lookedAt >= housekeepingAt) {
      housekeepingAt = lookedAt + HOUR_MS
      void housekeeping().catch((error) => log.error({ err: error }, 'housekeeping of the log failed'))
    }
    return any
  }

  const kick = () => Math.min(...members.map((member) => member.consumer.kick()), Number.POSITIVE_INFINITY)
  const poll = startPoll({ look, kick, onFault: health.failed, onLooked: health.well, time })

  async function stop(): Promise<void> {
    const drained = new AbortController()
    const longest = Math.max(0, ...members.map((member) => member.drainMs))
    void time.sleep(longest, drained.signal).then(() => cut.abort())
    const looked = poll.stop()
    const released = members.map(async (member) => {
      await member.consumer.stop()
      await looked
      await member.release()
    })
    await Promise.all(released)
    drained.abort()
  }

  return {
    status: () => ({
      ready: health.ready,
      ...(health.error === undefined ? {} : { error: health.error }),
      consumers: members.map((member) => member.status()),
    }),
    resume(functionName) {
      const member = members.find((one) => one.name === functionName)
      member?.consumer.resume()
      return member !== undefined
    },
    stop,
  }
}
