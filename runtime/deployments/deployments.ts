import { EventEmitter } from 'node:events'
import type { ReplicaPools } from '../replicas/pools.ts'
import { keyOf } from '../stack/key.ts'
import type { StackFunction } from '../stack/types.ts'
import { type Entry, hashOf, merge, previousOf, servingOf, settled, wantedOf, withRevision } from './entry.ts'
import { readDeployments, writeDeployments } from './file.ts'
import { type Change, DeploymentRefused, type Deployments } from './types.ts'

/** What was deployed when the runtime last ran, brought together with stack.yml. */
export interface Deployed {
  file: string
  /** The hash of each function of stack.yml, by key. */
  stack: Map<string, string>
  entries: Map<string, Entry>
  /** As they take calls. */
  definitions: StackFunction[]
}

/** Reads what is deployed, before anything runs; `at` = when stack.yml was put into service. */
export const openDeployed = async (file: string, stack: StackFunction[], at = new Date()): Promise<Deployed> => {
  const saved = await readDeployments(file)
  const entries = merge(saved, stack, at.toISOString())
  // What stack.yml has overruled must not come back when stack.yml is as it was.
  if (saved.size > 0) await writeDeployments(file, entries)
  return {
    file,
    stack: new Map(stack.map((one) => [keyOf(one), hashOf(one)])),
    entries,
    definitions: living(entries).map(servingOf),
  }
}

const living = (entries: Map<string, Entry>): Entry[] => [...entries.values()].filter(({ removed }) => !removed)

/** What the live set works with. */
export interface DeploymentsOptions {
  deployed: Deployed
  pools: Pick<ReplicaPools, 'open' | 'replace' | 'remove'>
  /** Throws DeploymentRefused for what cannot be run beside the others. */
  check(definition: StackFunction, others: StackFunction[]): void
  onError(error: Error): void
}

/** Puts what is deployed into service and takes changes from then on. */
export const createDeployments = ({ deployed, pools, check, onError }: DeploymentsOptions): Deployments => {
  const { file, stack } = deployed
  let entries = deployed.entries
  const changes = new EventEmitter<{ change: [Change] }>()
  const rollouts = new Set<Promise<void>>()
  let turn: Promise<unknown> = Promise.resolve()
  let stopping = false

  const find = (key: string): Entry | undefined => {
    const entry = entries.get(key)
    return entry && !entry.removed ? entry : undefined
  }

  /** One change at a time; it is known to nobody before it is on disk. */
  const change = <T>(work: () => Promise<T>): Promise<T> => {
    const done = turn.then(work)
    turn = done.catch(() => {})
    return done
  }

  const keep = async (key: string, entry: Entry | undefined): Promise<void> => {
    const next = new Map(entries)
    if (entry) next.set(key, entry)
    else next.delete(key)
    await writeDeployments(file, next)
    entries = next
  }

  const tell = (key: string, kind: Change['kind']): void => void changes.emit('change', { key, kind })

  const roll = (key: string, revision: number, definition: StackFunction): void => {
    const rollout = rollOut(key, revision, definition).catch(onError)
    rollouts.add(rollout)
    void rollout.then(() => rollouts.delete(rollout))
  }

  const rollOut = async (key: string, revision: number, definition: StackFunction): Promise<void> => {
    const outcome = await pools
      .replace(definition)
      .catch((error: Error) => ({ kind: 'failed' as const, fault: error.message }))
    if (outcome.kind === 'superseded') return
    await change(async () => {
      const entry = find(key)
      // Something newer may have been accepted meanwhile, which then goes its own way.
      if (!entry?.revisions.some(({ number }) => number === revision)) return
      const next =
        outcome.kind === 'serving'
          ? settled(entry, revision)
          : entry.revision === revision
            ? { ...entry, rollout: 'failed' as const, fault: outcome.fault }
            : entry
      entries = new Map(entries).set(key, next)
      tell(key, outcome.kind)
      await writeDeployments(file, entries)
    })
  }

  const accept = async (key: string, entry: Entry): Promise<void> => {
    await keep(key, entry)
    tell(key, 'accepted')
    roll(key, entry.revision, wantedOf(entry))
  }

  const refuseWhileStopping = (): void => {
    if (stopping) throw new DeploymentRefused(503, 'the runtime is stopping: deploy again when it has started')
  }

  for (const [key, entry] of entries) {
    if (entry.removed) continue
    const { rollout, revision, serving } = entry
    if (rollout === 'rolling' && serving === revision) {
      // Its first rollout was cut short by a stop: it is tried as at the first time.
      roll(key, revision, wantedOf(entry))
      continue
    }
    try {
      pools.open(servingOf(entry))
    } catch (error) {
      // One that cannot be run any more is no reason to start none.
      const fault = (error as Error).message
      entries = new Map(entries).set(key, { ...entry, rollout: 'failed', fault })
      onError(error as Error)
      continue
    }
    if (rollout === 'rolling') roll(key, revision, wantedOf(entry))
  }

  return {
    list: () => living(entries).map(wantedOf),
    get: (key) => {
      const entry = find(key)
      return entry && wantedOf(entry)
    },
    serving: () => living(entries).map(servingOf),
    state: (key) => {
      const entry = find(key)
      if (!entry) return undefined
      const { createdAt, revision, serving, rollout, fault } = entry
      return { createdAt, revision, serving, rollout, fault }
    },
    apply: (definition, allow) =>
      change(async () => {
        refuseWhileStopping()
        const key = keyOf(definition)
        allow?.(find(key) !== undefined)
        check(
          definition,
          living(entries)
            .map(wantedOf)
            .filter((one) => keyOf(one) !== key),
        )
        await accept(key, withRevision(entries.get(key), stack.get(key) ?? null, definition, new Date().toISOString()))
      }),
    remove: (key) =>
      change(async () => {
        refuseWhileStopping()
        const entry = find(key)
        if (!entry) return false
        const base = stack.get(key)
        await keep(key, base === undefined ? undefined : { ...entry, stack: base, changed: true, removed: true })
        pools.remove(key).catch(onError)
        tell(key, 'removed')
        return true
      }),
    rollback: (key) =>
      change(async () => {
        refuseWhileStopping()
        const entry = find(key)
        if (!entry) throw new DeploymentRefused(404, `no function ${key} is deployed`)
        const previous = previousOf(entry)
        if (!previous) throw new DeploymentRefused(409, `${key} has no earlier revision that ever took calls`)
        await accept(key, {
          ...entry,
          ...{ stack: stack.get(key) ?? null, changed: true, createdAt: new Date().toISOString() },
          ...{ revision: previous.number, rollout: 'rolling', fault: undefined },
        })
        return { from: entry.revision, to: previous.number, image: previous.definition.image }
      }),
    between: change,
    settled: async () => {
      await turn
      while (rollouts.size > 0) await Promise.all(rollouts)
    },
    onChange: (listener) => void changes.on('change', listener),
    stop: async () => {
      stopping = true
      await turn
    },
  }
}
