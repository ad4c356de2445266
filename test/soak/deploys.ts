import { readdirSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FixtureOptions } from '../gateway/fixture.ts'
import { comesTrue, descendants, processHandles } from './leftover.ts'
import { type Answered, ask, startLoad } from './load.ts'
import { openWorld, type SoakWorld } from './world.ts'

/** How long and how hard. */
export interface DeploysOptions {
  count: number
  /** Requests a second. */
  rps: number
  /** Other pools, for a control. */
  pools?: FixtureOptions['pools']
  /** How long is waited for the old ones to be gone. */
  patienceMs?: number
  say(line: string): void
}

/** What was seen. */
export interface DeploysResult {
  deployments: number
  broken: number
  requests: number
  /** What went wrong with a request, each once, and how many did. */
  failed: number
  faults: string[]
  /** Answers of a version that did not serve when the request was sent. */
  stale: number
  /** Broken builds that changed who serves, or were not called failed. */
  harm: number
  last: string | undefined
  /** What is there beside the one replica that serves: sockets, processes, their handles and timers. */
  left: string[]
  /** From the PUT to the first answer of the new version, sorted, in ms. */
  readyMs: number[]
}

/** Between two broken builds. */
const BROKEN_EVERY = 10
const POLL_MS = 5
const PATIENCE_MS = 30_000

/** Deploys two builds of a function by turns, under constant load, with a broken one in between. */
export const soakDeploys = async ({
  count,
  rps,
  pools,
  patienceMs = 30_000,
  say,
}: DeploysOptions): Promise<DeploysResult> => {
  const world = await openWorld(pools ? { pools } : {})
  const url = `${world.url}/function/version`
  const served: Served[] = []
  const readyMs: number[] = []
  let broken = 0
  let harm = 0
  const show = async (version: string) => {
    const began = performance.now()
    const deadline = began + PATIENCE_MS
    while ((await ask(url)).version !== version) {
      if (performance.now() > deadline)
        throw new Error(`version ${version} does not answer:\n${world.log('version').slice(-2000)}`)
      await sleep(POLL_MS)
    }
    readyMs.push(performance.now() - began)
    served.push({ version, from: performance.now(), to: Number.POSITIVE_INFINITY })
  }
  try {
    await world.deploy('POST', 'version-a')
    await show('a')
    readyMs.length = 0
    const before = look(world)
    const load = startLoad(url, rps)
    for (let i = 1; i <= count; i++) {
      const version = i % 2 === 1 ? 'b' : 'a'
      const last = served.at(-1) as Served
      if (i % BROKEN_EVERY === 0) {
        broken++
        await world.deploy('PUT', 'broken')
        await world.deployments.settled()
        const state = world.deployments.state('version')
        if (state?.rollout !== 'failed' || (await ask(url)).version !== last.version) harm++
      }
      last.to = performance.now()
      await world.deploy('PUT', `version-${version}`)
      await show(version)
      if (i % 10 === 0) say(`${i} of ${count} deployments, ${load.answered.length} requests`)
    }
    await load.end()
    const { answered } = load
    const faults = answered.flatMap(({ fault }) => fault ?? [])
    return {
      ...{ deployments: count, broken, harm, requests: answered.length },
      ...{ failed: faults.length, faults: [...new Set(faults)].slice(0, 5) },
      stale: answered.filter((one) => isStale(one, served)).length,
      last: (await ask(url)).version,
      left: await leftBeside(world, before, patienceMs),
      readyMs: readyMs.sort((a, b) => a - b),
    }
  } finally {
    await world.stop()
  }
}

/** What there is, beside what others have started in this process. */
const look = (world: SoakWorld) => ({
  sockets: readdirSync(world.socketDir),
  processes: descendants(),
  handles: processHandles(),
})

/** What is still more than before when so long has passed. */
const leftBeside = async (world: SoakWorld, before: ReturnType<typeof look>, patienceMs: number): Promise<string[]> => {
  const more = () => {
    const now = look(world)
    const kinds = (['sockets', 'processes', 'handles'] as const).filter(
      (kind) => now[kind].length > before[kind].length,
    )
    return kinds.map((kind) => `${kind}: ${now[kind].join(', ')}`)
  }
  await comesTrue(() => more().length === 0, patienceMs)
  return more()
}

/** From when a version was seen to serve until the next was deployed. */
interface Served {
  version: string
  from: number
  to: number
}

/** A request sent just before a deployment may be answered by what that one brings. */
const MARGIN_MS = 100

const isStale = ({ begun, version, fault }: Answered, served: Served[]): boolean => {
  if (fault !== undefined) return false
  const then = served.find(({ from, to }) => begun >= from && begun < to - MARGIN_MS)
  return then === undefined ? !['a', 'b'].includes(version ?? '') : version !== then.version
}
