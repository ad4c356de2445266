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
import type { ConnectorOptions, FunctionSpec } from './types.ts'
import { hourly } from './upkeep.ts'

/** A running connector. */
export interface Connector {
  status(): ConnectorStatus
  /** Delivers to these functions from now on; what is gone or has changed is drained before. */
  serve(functions: FunctionSpec[]): Promise<void>
  /** Probes a stopped or paused function at once; false if the connector knows no such function. */
  resume(functionName: string): boolean
  /** No new calls; waits for those in flight as long as the ladder allows. */
  stop(): Promise<void>
}

/**
 * Starts to deliver the log, the alarms and the schedules to the functions. Its own database may be down: it then says it
 * is not ready and tries on. Throws only for a configuration that cannot work.
 */
export function startConnector(options: ConnectorOptions): Connector {
  const { bus, relayed, database, leases, log, time = realTime, housekeeping } = options
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
  const due = lookForDue(() => functions.map((member) => member.ticking), options)
  const upkeep = housekeeping && hourly({ work: housekeeping, leases, time })
  let changing: Promise<unknown> = Promise.resolve()
  let stopping = false

  async function lookAtDatabase(): Promise<boolean> {
    const moved = await (lookAtRelayed ?? look)()
    await Promise.all(functions.map((member) => member.assignTicks()))
    const isDue = await due(time.now())
    await upkeep?.look()
    return moved || isDue
  }

  const kick = () => Math.min(...members().map((member) => member.consumer.kick()), Number.POSITIVE_INFINITY)
  // A broker that is away must not hold up the alarms.
  const pulses = [lookAtDatabase, ...(lookAtRelayed === undefined ? [] : [look])].map((look) => {
    const health = connectorHealth(log)
    return { health, poll: startPoll({ look, kick, onFault: health.failed, onLooked: health.well, time }) }
  })
  const health = wholeHealth(pulses.map((pulse) => pulse.health))

  async function retire(member: Member): Promise<void> {
    await member.consumer.stop()
    await member.release()
  }

  async function change(specs: FunctionSpec[]): Promise<void> {
    const wanted = new Map(specs.map((spec) => [JSON.stringify(spec), spec]))
    const gone = functions.filter(({ spec }) => !wanted.delete(JSON.stringify(spec)))
    for (const member of gone) functions.splice(functions.indexOf(member), 1)
    await Promise.all(gone.map(retire))
    if (!stopping) for (const spec of wanted.values()) functions.push(createMember(spec, shared))
  }

  async function stop(): Promise<void> {
    stopping = true
    const drained = new AbortController()
    const longest = Math.max(0, ...members().map((member) => member.drainMs))
    void time.sleep(longest, drained.signal).then(() => cut.abort())
    const looked = pulses.map(({ poll }) => poll.stop())
    await Promise.all([...members().map(retire), changing])
    await Promise.all(looked)
    await upkeep?.leave()
    drained.abort()
  }

  return {
    status: () => ({
      ready: health.ready,
      ...(health.error === undefined ? {} : { error: health.error }),
      consumers: members().map((member) => member.status()),
    }),
    serve(specs) {
      const changed = changing.then(() => change(specs))
      changing = changed.catch(() => {})
      return changed
    },
    resume(functionName) {
      const member = members().find((one) => one.name === functionName)
      member?.resume()
      return member !== undefined
    },
    stop,
  }
}
