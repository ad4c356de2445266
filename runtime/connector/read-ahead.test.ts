import { describe, expect, it } from '@jest/globals'
import type { LogEvent } from '#shared/bus/port.ts'
import { readAhead } from './read-ahead.ts'

const at = (...offsets: number[]): LogEvent[] =>
  offsets.map((offset) => ({
    topic: 't',
    partition: 0,
    offset: BigInt(offset),
    key: 'k',
    id: `e-${offset}`,
    type: 'x',
    attributes: {},
    data: Buffer.alloc(0),
  }))
const offsets = (slice: { events: LogEvent[] } | undefined) => slice?.events.map((event) => Number(event.offset))

describe('reading ahead', () => {
  it('gives slices from the position on', () => {
    const held = readAhead(5n)
    held.add(5n, { events: at(5, 6, 7), next: 8n })
    const slice = held.take(2)
    expect(slice).toMatchObject({ first: 5n, next: 7n })
    expect(offsets(slice)).toEqual([5, 6])
    held.moveTo(7n)
    expect(held.take(2)).toMatchObject({ first: 7n, next: 8n })
  })

  it('keeps to holes: a slice begins at the position and ends where reading ended', () => {
    const held = readAhead(5n)
    held.add(5n, { events: at(9, 12), next: 20n })
    expect(held.take(1)).toMatchObject({ first: 5n, next: 10n })
    expect(held.take(10)).toMatchObject({ first: 5n, next: 20n })
  })

  it('forgets everything when the position leaves what is held', () => {
    for (const moved of [2n, 30n]) {
      const held = readAhead(5n)
      held.add(5n, { events: at(5, 6), next: 7n })
      held.moveTo(moved)
      expect(held.take(1)).toBeUndefined()
      expect(held).toMatchObject({ position: moved, readTo: moved, held: 0 })
    }
  })

  it('goes on reading behind what it holds', () => {
    const held = readAhead(0n)
    held.add(0n, { events: at(0), next: 1n })
    held.add(1n, { events: at(1, 2), next: 3n })
    expect(offsets(held.take(10))).toEqual([0, 1, 2])
  })

  it('ignores what was read from elsewhere than it goes on', () => {
    const held = readAhead(5n)
    held.add(5n, { events: at(5, 6), next: 7n })
    held.add(5n, { events: at(5, 6), next: 7n })
    expect(offsets(held.take(10))).toEqual([5, 6])
    held.moveTo(30n)
    held.add(7n, { events: at(7), next: 8n })
    expect(held).toMatchObject({ position: 30n, readTo: 30n, held: 0 })
  })
})
