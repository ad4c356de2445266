import { setTimeout as delay } from 'node:timers/promises'
import type { Figure, Row } from '../row.ts'
import { cpuSeconds, processGroups } from '../usage.ts'
import { wakeAll } from '../wake-all.ts'

const SETTLE_MS = 5_000
/** Shorter than the time after which an idle function ends. */
const SECONDS = 30
const UNIT = '% of a core'
const BARE = 'bare node:http'

/** What the whole uses while nothing happens. */
export const idleCpu: Row = {
  name: 'idle-cpu',
  what: `processor time over ${SECONDS} s without a call, every function awake`,
  async measure(bench) {
    const bare = await bench.startBare()
    const world = await bench.start('whole')
    await wakeAll(world.url)
    await delay(SETTLE_MS)
    const before = seconds(world.pid, bare.pid)
    await delay(SECONDS * 1_000)
    const after = seconds(world.pid, bare.pid)
    const used = [...after].map(([name, at]) => ({ name, value: (100 * (at - (before.get(name) ?? 0))) / SECONDS }))
    const parts = used.filter(({ name }) => name !== BARE).map((part): Figure => ({ ...part, unit: UNIT }))
    const reference = { name: BARE, value: used.find(({ name }) => name === BARE)?.value ?? 0 }
    const value = parts.reduce((sum, part) => sum + part.value, 0)
    return [{ name: 'the whole', value, unit: UNIT, reference, aim: { of: 'value', atMost: 2 } }, ...parts]
  },
}

function seconds(runtime: number, bare: number): Map<string, number> {
  const groups = new Map([...processGroups(runtime), [BARE, [bare]]])
  return new Map([...groups].map(([name, pids]) => [name, cpuSeconds(pids)]))
}
