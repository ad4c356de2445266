import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { until } from '#test/e2e/runtime.ts'

/** What the counting function is told by files, and what it notes in one. */
export interface Orders {
  folder: string
  /** Leaves an order; resolves when a process has taken it. */
  obeyed(order: string): Promise<void>
  /** Leaves an order that stands until `lift`. */
  give(order: string, text?: string): void
  lift(order: string): void
  /** Events that were tried more often than once, counted as often. */
  redeliveries(): number
  tries(): number
}

/** Makes the folder of orders. */
export function openOrders(folder: string): Orders {
  mkdirSync(folder, { recursive: true })
  const tries = join(folder, 'tries')
  writeFileSync(tries, '')
  const give = (order: string, text = '') => writeFileSync(join(folder, order), text)
  const lines = () => readFileSync(tries, 'utf8').split('\n').filter(Boolean)
  return {
    folder,
    give,
    lift: (order) => rmSync(join(folder, order), { force: true }),
    async obeyed(order) {
      give(order)
      await until(`the order ${order} is obeyed`, async () => !existsSync(join(folder, order)))
    },
    tries: () => lines().length,
    redeliveries() {
      const all = lines()
      return all.length - new Set(all).size
    },
  }
}
