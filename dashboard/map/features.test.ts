import { describe, expect, it } from '@jest/globals'
import { featureOf, segmentsOf } from '../traffic/fixture.ts'
import { boundsOf, collectionOf, gridOf, marksKey, marksOf, middleOf, samePlaces } from './features.ts'

const line = (...coordinates: [number, number][]) => ({ type: 'LineString' as const, coordinates })

describe('what the map draws', () => {
  const segments = segmentsOf({ segment: 'a' }, { segment: 'b', level: 'stationary' }, { segment: 'c', level: 'slow' })
  const nowhere = new Map([...segments, ['d', { ...featureOf({ segment: 'd' }), geometry: null }]])

  it('is every segment that has a place', () => {
    const [grid, ...roads] = collectionOf(nowhere).features
    expect(grid?.properties).toEqual({ grid: 0.2 })
    expect(roads.map(({ properties }) => properties)).toEqual([
      { segment: 'a', level: 'free' },
      { segment: 'b', level: 'stationary' },
      { segment: 'c', level: 'slow' },
    ])
  })

  it('has marks on the dashed ones and on the chosen one', () => {
    expect(marksOf(segments, 'c').features.map(({ properties }) => properties)).toEqual([
      { level: 'stationary', chosen: false },
      { level: 'slow', chosen: true },
    ])
  })

  it('has other marks when a dashed level changes, another is chosen or the chosen one changes', () => {
    const key = marksKey(segments, 'c')
    const changed = (id: string, level: 'queuing' | 'heavy') =>
      new Map([...segments, [id, featureOf({ segment: id, level })] as const])
    expect(marksKey(changed('a', 'heavy'), 'c')).toBe(key)
    expect(marksKey(changed('b', 'queuing'), 'c')).not.toBe(key)
    expect(marksKey(changed('c', 'heavy'), 'c')).not.toBe(key)
    expect(marksKey(segments, undefined)).not.toBe(key)
  })

  it('has the same places until a segment comes, goes or moves', () => {
    const again = segmentsOf({ segment: 'a', level: 'slow' }, { segment: 'b' }, { segment: 'c' })
    expect(samePlaces(segments, again)).toBe(true)
    expect(samePlaces(segments, nowhere)).toBe(false)
    const moved = { ...featureOf({ segment: 'c' }), geometry: { type: 'Point' as const, coordinates: [16, 48] } }
    expect(samePlaces(segments, new Map([...segments, ['c', moved]]))).toBe(false)
  })
})

it('the city reaches as far as its segments, and nowhere without any', () => {
  const point = { geometry: { type: 'Point' as const, coordinates: [17, 47.5, 200] } }
  expect(boundsOf([{ geometry: line([16, 48], [16.5, 47]) }, point, { geometry: null }])).toEqual([16, 47, 17, 48])
  expect(boundsOf([{ geometry: null }])).toBeUndefined()
})

describe('the middle of a road', () => {
  it('lies halfway along it, not halfway through its points', () => {
    const { at, degrees } = middleOf(line([0, 0], [0.1, 0], [0.2, 0], [1, 0]))
    expect(at[0]).toBeCloseTo(0.5)
    expect([at[1], degrees]).toEqual([0, 0])
  })

  it('tells how the road rises on the map there', () => {
    expect(middleOf(line([0, 0], [0, 1])).degrees).toBe(90)
    expect(middleOf(line([0, 0], [1, -1])).degrees).toBeCloseTo(-45, 0)
    // At 60° north a degree of longitude is half as long.
    expect(middleOf(line([0, 60], [2, 61])).degrees).toBeCloseTo(45, 0)
  })

  it('of a point is the point', () => {
    expect(middleOf({ type: 'Point', coordinates: [1, 2] })).toEqual({ at: [1, 2], degrees: 0 })
  })
})

it('the grid has lines a round number of kilometres apart, not more than a few across the city', () => {
  expect(gridOf([16, 48, 16.02, 48.01]).properties.grid).toBe(0.2)
  expect(gridOf([16, 48, 16.2, 48.1]).properties.grid).toBe(2)
  const [[first], , [third]] = gridOf([0, 0, 0.01, 0.01]).geometry.coordinates as [[number[]], unknown, [number[]]]
  expect(((third[0] ?? 0) - (first[0] ?? 0)) * 111.2).toBeCloseTo(0.2)
})
