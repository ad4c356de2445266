import { describe, expect, it } from '@jest/globals'
import { createBatches } from './batches.ts'

/** Batches that end when they are told to. */
const held = (sizeOf?: (item: number) => number) => {
  const seen: { items: number[]; end(results?: number[]): void; fail(): void }[] = []
  const batches = createBatches<number, number>(
    (items) =>
      new Promise((resolve, reject) => {
        seen.push({
          items,
          end: (results = items.map((n) => n * 10)) => resolve(results),
          fail: () => reject(new Error('no')),
        })
      }),
    sizeOf,
  )
  return { seen, batches }
}
const turn = () => new Promise((resolve) => setImmediate(resolve))

describe('batches', () => {
  it('take what comes together, and what comes meanwhile next; each gets its own result', async () => {
    const { seen, batches } = held()
    const first = Promise.all([1, 2].map(batches.add))
    await turn()
    const second = Promise.all([3, 4, 5].map(batches.add))
    await turn()
    expect(seen.map(({ items }) => items)).toEqual([[1, 2]])
    seen[0]?.end()
    expect(await first).toEqual([10, 20])
    await turn()
    expect(seen[1]?.items).toEqual([3, 4, 5])
    seen[1]?.end()
    expect(await second).toEqual([30, 40, 50])
  })

  it('that fail fail for all of theirs, and for nobody else', async () => {
    const { seen, batches } = held()
    const first = Promise.allSettled([1, 2].map(batches.add))
    await turn()
    const second = batches.add(3)
    seen[0]?.fail()
    expect((await first).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    await turn()
    seen[1]?.end()
    expect(await second).toBe(30)
  })

  it('end at 4 MiB, but hold one item of any size', async () => {
    const { seen, batches } = held((mebibytes) => mebibytes << 20)
    const all = Promise.all([2, 2, 9, 1].map(batches.add))
    expect(batches.waitingBytes()).toBe(14 << 20)
    for (const items of [[2, 2], [9], [1]]) {
      await turn()
      expect(seen.at(-1)?.items).toEqual(items)
      seen.at(-1)?.end()
    }
    await all
    expect(batches.waitingBytes()).toBe(0)
  })
})
