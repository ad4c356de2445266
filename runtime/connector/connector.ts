import { setMaxListeners } from 'node:events'
import type { ConnectorStatus } from '#shared/contracts/runtime-status.ts'
import { lookForDue } from './due.ts'
import { connectorHealth, wholeHealth } from './health.ts'
import { lookAtLog } from './log-look.ts'
import { createMember, type Member } from './member.ts'
import { connectorMetrics } from './metrics.ts'
import { startPoll } from './poll.ts'
import { positionsOf } from './positions.ts'
import { createRelay } from './relay.ts'
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
  const { bus, relayed, database, log, time = realTime, housekeeping } = options
  const cut = new AbortController()
  // Every call in flight listens to it.
  setMaxListeners(0, cut.signal)
  const functions: Member[] = []
  const members = () => (relay === undefined ? functions : [...functions, relay])
  const metrics = connectorMetrics(options.metrics, () => members().map((member) => member.status()))
  const shared = { ...options, time, metrics, positions: positionsOf(database, bus), cut: cut.signal }
  const relay = relayed && createRelay(relayed, shared)
  for (const spec of options.functions) functions.push(createMember(spec, shared))
  const look = lookAtLog({ bus, positions: shared.positions, readers: () => functions, time })
  const lookAtRelayed =
    relay && lookAtLog({ bus: relay.bus, positions: positionsOf(database, relay.bus), readers: () => [relay], time })
  const due = lookForDue(() => functions.map((member) => member.ticking), database, options.clock)
  let housekeepingAt = time.now() + HOUR_MS

  async function lookAtDatabase(): Promise<boolean> {
    const moved = await (lookAtRelayed ?? look)()
    await Promise.all(functions.map((member) => member.assignTicks()))
    const lookedAt = time.now()
    const isDue = await due(lookedAt)
    if (housekeeping !== undefined && lookedAt >= housekeepingAt) {
      housekeepingAt = lookedAt + HOUR_MS
      void housekeeping().catch((error) => log.error({ err: error }, 'housekeeping of the log failed'))
    }
    return moved || isDue
  }

  const kick = () => Math.min(...members().map((member) => member.consumer.kick()), Number.POSITIVE_INFINITY)
  // A broker that is away must not hold up the alarms.
  const pulses = [lookAtDatabase, ...(lookAtRelayed === undefined ? [] : [look])].map((look) => {
    const health = connectorHealth(log)
    return { health, poll: startPoll({ look, kick, onFault: health.failed, onLooked: health.well, time }) }
  })
  const health = wholeHealth(pulses.map((pulse) => pulse.health))

  async function stop(): Promise<void> {
    const drained = new AbortController()
    const longest = Math.max(0, ...members().map((member) => member.drainMs))
    void time.sleep(longest, drained.signal).then(() => cut.abort())
    const looked = pulses.map(({ poll }) => poll.stop())
    await Promise.all(
      members().map(async (member) => {
        await member.consumer.stop()
        await member.release()
      }),
    )
    await Promise.all(looked)
    drained.abort()
  }

  return {
    status: () => ({
      ready: health.ready,
      ...(health.error === undefined ? {} : { error: health.error }),
      consumers: members().map((member) => member.status()),
    }),
    resume(functionName) {
      const member = members().find((one) => one.name === functionName)
      member?.consumer.resume()
      return member !== undefined
    },
    stop,
  }
}
