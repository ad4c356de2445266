/** Takes single items and works them off together: one batch at a time, what comes meanwhile is the next. */
export interface Batches<Item, Result> {
  /** Resolves with what the item's batch came to for it, and rejects where its batch fails. */
  add(item: Item): Promise<Result>
  /** Bytes of the items that wait. */
  waitingBytes(): number
}

interface Waiting<Item, Result> {
  item: Item
  resolve(result: Result): void
  reject(error: unknown): void
}

const MOST_ITEMS = 500
const MOST_BYTES = 4 << 20

/** Makes batches of `work`, which gives a result for each item, in order. */
export const createBatches = <Item, Result>(
  work: (items: Item[]) => Promise<Result[]>,
  sizeOf: (item: Item) => number = () => 0,
): Batches<Item, Result> => {
  let waiting: Waiting<Item, Result>[] = []
  let bytes = 0
  let running = false

  const take = (): Waiting<Item, Result>[] => {
    let count = 0
    for (let size = 0; count < Math.min(waiting.length, MOST_ITEMS) && (count === 0 || size < MOST_BYTES); count++)
      size += sizeOf((waiting[count] as Waiting<Item, Result>).item)
    const taken = waiting.slice(0, count)
    waiting = waiting.slice(count)
    for (const { item } of taken) bytes -= sizeOf(item)
    return taken
  }

  const run = async (): Promise<void> => {
    running = true
    // What comes in the same turn of the event loop goes along.
    await Promise.resolve()
    while (waiting.length > 0) {
      const batch = take()
      try {
        const results = await work(batch.map(({ item }) => item))
        for (const [at, one] of batch.entries()) one.resolve(results[at] as Result)
      } catch (error) {
        for (const one of batch) one.reject(error)
      }
    }
    running = false
  }

  return {
    add: (item) =>
      new Promise((resolve, reject) => {
        waiting.push({ item, resolve, reject })
        bytes += sizeOf(item)
        if (!running) void run()
      }),
    waitingBytes: () => bytes,
  }
}
