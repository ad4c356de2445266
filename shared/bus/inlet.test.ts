import { describe, expect, it } from '@jest/globals'
import { createInlet } from './inlet.ts'
import type { LogEvent } from './port.ts'

const event = (offset: number, bytes = 10): LogEvent => ({
  topic: 't',
  partition: 0,
  offset: BigInt(offset),
  key: '',
  id: `${offset}`,
  type: 't',
  attributes: {},
  data: new Uint8Array(bytes),
})
const LIMITS = { events: 100, bytes: 1 << 20 }

/** An inlet that was asked for `from` and got events at these offsets, and fetches on at `next`. */
function filled(from: bigint, offsets: number[], next: bigint) {
  const inlet = createInlet()
  inlet.start(from)
  inlet.add(
    offsets.map((offset) => event(offset)),
    next,
  )
  return inlet
}

describe('an inlet', () => {
  it('holds nothing before it is started, nor after it was lost', () => {
    const inlet = createInlet()
    expect([inlet.holds(0n), inlet.fetchTo]).toEqual([false, undefined])
    inlet.start(5n)
    expect([inlet.holds(5n), inlet.holds(4n), inlet.holds(6n)]).toEqual([true, false, false])
    inlet.lose()
    expect([inlet.holds(5n), inlet.fetchTo]).toEqual([false, undefined])
  })

  it('gives the events in order, with the next offset behind the last', () => {
    const inlet = filled(0n, [0, 1, 2], 3n)
    const slice = inlet.take(0n, { events: 2, bytes: 1 << 20 })
    expect([slice.events.map(({ id }) => id), slice.next]).toEqual([['0', '1'], 2n])
    expect(inlet.take(2n, LIMITS)).toMatchObject({ events: [{ id: '2' }], next: 3n })
    expect(inlet.take(3n, LIMITS)).toEqual({ events: [], next: 3n })
  })

  it('passes holes: before, between and behind the events', () => {
    const inlet = filled(0n, [2, 5], 9n)
    expect(inlet.take(0n, { events: 1, bytes: 1 })).toMatchObject({ events: [{ id: '2' }], next: 3n })
    expect(inlet.take(3n, LIMITS)).toMatchObject({ events: [{ id: '5' }], next: 9n })
    expect(filled(0n, [], 4n).take(0n, LIMITS)).toEqual({ events: [], next: 4n })
  })

  it('can be asked again for a hole it has told of, and for what lies behind it', () => {
    const inlet = filled(0n, [], 4n)
    inlet.take(0n, LIMITS)
    expect([inlet.holds(0n), inlet.holds(4n)]).toEqual([true, true])
  })

  it('drops what a reader has gone past, and starts anew for one who goes back', () => {
    const inlet = filled(0n, [0, 1, 2], 3n)
    expect(inlet.take(2n, LIMITS)).toMatchObject({ events: [{ id: '2' }], next: 3n })
    expect(inlet.holds(0n)).toBe(false)
  })

  it('always gives the first event, and of the others those that fit', () => {
    const inlet = createInlet()
    inlet.start(0n)
    inlet.add([event(0, 5000), event(1, 5000)], 2n)
    expect(inlet.take(0n, { events: 10, bytes: 100 }).events).toHaveLength(1)
    expect(inlet.take(1n, { events: 10, bytes: 100 }).events).toHaveLength(1)
  })

  it('is full by bytes or by number, and low again when half is read', () => {
    const inlet = filled(
      0n,
      Array.from({ length: 2000 }, (_, i) => i),
      2000n,
    )
    expect([inlet.full, inlet.low]).toEqual([true, false])
    inlet.take(0n, { events: 1001, bytes: 1 << 20 })
    expect([inlet.full, inlet.low]).toEqual([false, true])
    inlet.start(0n)
    inlet.add([event(0, 2 << 20)], 1n)
    expect(inlet.full).toBe(true)
    inlet.start(7n)
    expect([inlet.full, inlet.low]).toEqual([false, true])
  })
})
