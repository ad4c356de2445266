import { readdirSync } from 'node:fs'
import { comesTrue, descendants, filesIn, openDescriptors } from './leftover.ts'
import { ask } from './load.ts'
import { openWorld, type SoakWorld } from './world.ts'

/** How long. */
export interface ZeroOptions {
  cycles: number
  /** For a control: done before the calls of each cycle. */
  meddle?: (world: SoakWorld) => void | Promise<void>
  /** How long is waited for zero. */
  patienceMs?: number
  say(line: string): void
}

/** What was seen. */
export interface ZeroResult {
  cycles: number
  requests: number
  failed: number
  faults: string[]
  /** What of processes, sockets, files and open descriptors was there after the last cycle and not after the first ones. */
  left: string[]
  /** From the first call of a cycle to its answer, sorted, in ms. */
  wakeMs: number[]
}

const IDLE_MS = 15
/** Cycles after which all is there that stays, such as logs. */
const WARM_UP = 4

/** Wakes a built function and a program behind the watchdog by turns, each time from nothing and back to nothing. */
export const soakZero = async ({ cycles, meddle, patienceMs = 20_000, say }: ZeroOptions): Promise<ZeroResult> => {
  const world = await openWorld({ idleMs: IDLE_MS })
  const left: string[] = []
  const faults: string[] = []
  const wakeMs: number[] = []
  let requests = 0
  let before: ReturnType<typeof look> = { files: [], descriptors: 0 }
  const own = descendants()
  const isZero = () => readdirSync(world.socketDir).length === 0
  const look = () => ({ files: filesIn(world.root), descriptors: openDescriptors() })
  try {
    await world.deploy('POST', 'version-a')
    await world.deploy('POST', 'cat', { service: 'cat', envProcess: 'cat' })
    await world.deployments.settled()
    for (let cycle = 1; cycle <= cycles; cycle++) {
      if (!(await comesTrue(isZero, patienceMs))) {
        left.push(...readdirSync(world.socketDir).map((socket) => `socket ${socket} (cycle ${cycle})`))
        break
      }
      if (cycle === WARM_UP) before = look()
      const name = cycle % 2 === 0 ? 'cat' : 'version'
      const init = name === 'cat' ? { method: 'POST', body: 'x' } : {}
      await meddle?.(world)
      const began = performance.now()
      // One call alone and several at once.
      const calls = Array.from({ length: 1 + (cycle % 3) }, () => ask(`${world.url}/function/${name}`, init))
      const answered = await Promise.all(calls)
      wakeMs.push(performance.now() - began)
      requests += answered.length
      for (const { fault, version } of answered) {
        if (fault !== undefined) faults.push(fault)
        else if (version !== (name === 'cat' ? 'x' : 'a')) faults.push(`a wrong answer: ${version}`)
      }
      if (cycle % 100 === 0) say(`${cycle} of ${cycles} cycles`)
    }
    const isClean = () => isZero() && descendants().length <= own.length
    if (!(await comesTrue(isClean, patienceMs)))
      left.push(
        ...descendants()
          .filter((one) => !own.includes(one))
          .map((one) => `process ${one}`),
      )
    const after = look()
    if (cycles < WARM_UP) before = after
    left.push(...after.files.filter((file) => !before.files.includes(file)).map((file) => `file ${file}`))
    if (after.descriptors > before.descriptors + 2)
      left.push(`${after.descriptors - before.descriptors} open descriptors`)
    return {
      ...{ cycles, requests, failed: faults.length, faults: [...new Set(faults)].slice(0, 5), left },
      wakeMs: wakeMs.sort((a, b) => a - b),
    }
  } finally {
    await world.stop()
  }
}
