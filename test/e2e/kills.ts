import { existsSync, writeFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { kill } from './processes.ts'
import type { Random } from './random.ts'
import { type Runtime, until } from './runtime.ts'

/** How many of each are to land. */
export interface KillCounts {
  functions: number
  /** Of the functions: between effect and answer. */
  afterEffect: number
  runtimes: number
  postgres: number
}

type Kill = 'function' | 'after-effect' | 'runtime' | 'postgres'

/** Spreads kills over the steps of a run and counts those that landed. */
export interface Killer {
  /** Fires what is planned for that step while `work` goes on; resolves when both are over. */
  during<T>(step: number, work: () => Promise<T>): Promise<T>
  landed: KillCounts
}

/** Plans the kills of a run of so many steps. `order` is the file that orders a counting process to die. */
export function planKills(wanted: KillCounts, steps: number, random: Random, runtime: Runtime, order: string): Killer {
  const landed: KillCounts = { functions: 0, afterEffect: 0, runtimes: 0, postgres: 0 }
  const plan = new Map<number, Kill[]>()
  const schedule = (what: Kill, count: number) => {
    for (let i = 0; i < count; i++) {
      const step = 2 + Math.floor(((i + random.next()) / count) * (steps - 4))
      plan.set(step, [...(plan.get(step) ?? []), what])
    }
  }
  schedule('after-effect', wanted.afterEffect)
  schedule('function', wanted.functions - wanted.afterEffect)
  schedule('runtime', wanted.runtimes)
  schedule('postgres', wanted.postgres)

  const fire: Record<Kill, () => Promise<void>> = {
    async function() {
      await until('a function process is there to be killed', async () => {
        const running = runtime.functions()
        return running.length > 0 && kill(random.pick(running).pid)
      })
      landed.functions++
    },
    async 'after-effect'() {
      await until('a counting process has died between its effect and its answer', async () => !existsSync(order))
      landed.functions++
      landed.afterEffect++
    },
    async runtime() {
      const left = await runtime.crash()
      if (left.length > 0)
        throw new Error(
          `after a SIGKILL of the runtime these lived on: ${left.map(({ command }) => command).join(', ')}`,
        )
      await runtime.start()
      landed.runtimes++
    },
    async postgres() {
      await until('the postmaster is there to be killed', async () => kill(runtime.postmaster() ?? -1))
      landed.postgres++
    },
  }

  return {
    landed,
    async during(step, work) {
      const kills = plan.get(step) ?? []
      // Before there is work: who has nothing left to commit would not die.
      if (kills.includes('after-effect')) writeFileSync(order, '')
      const fired = (async () => {
        for (const what of kills) {
          await delay(random.below(80))
          await fire[what]()
        }
      })()
      const [result] = await Promise.all([work(), fired])
      return result
    },
  }
}
