import { describe, expect, it } from '@jest/globals'
import { boxAt, sideOf, withRoom } from './labels.ts'

const box = (left: number, top: number) => ({ left, top, width: 100, height: 20 })
const frame = { width: 300, height: 100 }

describe('names with room', () => {
  it('are those that lie on none before them', () => {
    expect(withRoom([box(0, 0), box(50, 10), box(100, 0), box(0, 20)], frame)).toEqual([true, false, true, true])
  })

  it('are those that lie in the frame as a whole', () => {
    expect(withRoom([box(201, 0), box(-1, 0), box(0, 81), box(200, 80)], frame)).toEqual([false, false, false, true])
  })

  it('leave room to others where they have none themselves', () => {
    expect(withRoom([box(250, 0), box(200, 0)], frame)).toEqual([false, true])
  })
})

describe('the side of a name', () => {
  const size = { width: 100, height: 20 }
  const at = (degrees: number) => boxAt({ x: 0, y: 0 }, sideOf(degrees), size)

  it('is above a road across the map and right of one up the map', () => {
    expect(at(0)).toEqual({ left: -50, top: -28, ...size })
    expect(at(-90)).toEqual({ left: 8, top: -10, ...size })
  })

  it('is where a slanted road is not', () => {
    expect(at(45)).toEqual({ left: 5, top: 3, ...size })
    expect(at(-45)).toEqual({ left: 5, top: -23, ...size })
  })
})
