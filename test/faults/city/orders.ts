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
  /** Units held by the order `hold`, and what became of them since. */
  held(): Record<HeldUnit, number>
}

/** What is noted of a held unit: that it waits, and later how it ended. */
type HeldUnit = 'waits' | 'done' | 'refused' | 'failed'

/** Makes the folder of orders. */
export function openOrders(folder: string): Orders {
  mkdirSync(folder, { recursive: true })
  const tries = join(folder, 'tries')
  const held = join(folder, 'held')
  for (const file of [tries, held]) writeFileSync(file, '')
  const give = (order: string, text = '') => writeFileSync(join(folder, order), text)
  const lines = (file: string) => readFileSync(file, 'utf8').split('\n').filter(Boolean)
  return {
    folder,
    give,
    lift: (order) => rmSync(join(folder, order), { force: true }),
    async obeyed(order) {
      give(order)
      await until(`the order ${order} is obeyed`, async () => !existsSync(join(folder, order)))
    },
    tries: () => lines(tries).length,
    held() {
      const counts = { waits: 0, done: 0, refused: 0, failed: 0 }
      for (const line of lines(held)) counts[line as HeldUnit]++
      return counts
    },
    redeliveries() {
      const all = lines(tries)
      return all.length - new Set(all).size
    },
  }
}
