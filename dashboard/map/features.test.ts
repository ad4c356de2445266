import { describe, expect, it } from '@jest/globals'
import { featureOf, segmentsOf } from '../traffic/fixture.ts'
import { boundsOf, collectionOf, gridOf, marksKey, marksOf, samePlaces } from './features.ts'

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

  const hollow = new Set<string>()
  const shown = { segments, chosen: 'c', hollow }

  it('has marks on the dashed ones, on the hollow ones and on the chosen one', () => {
    const marks = marksOf({ ...shown, hollow: new Set(['a']) })
    expect(marks.features.map(({ properties }) => properties)).toEqual([
      { level: 'free', chosen: false, hollow: true },
      { level: 'stationary', chosen: false, hollow: false },
      { level: 'slow', chosen: true, hollow: false },
    ])
    expect(marksOf(shown).features).toHaveLength(2)
  })

  it('has other marks when a dashed level changes, another is chosen or hollow, or the chosen one changes', () => {
    const key = marksKey(shown)
    const changed = (id: string, level: 'queuing' | 'heavy') =>
      marksKey({ ...shown, segments: new Map([...segments, [id, featureOf({ segment: id, level })] as const]) })
    expect(changed('a', 'heavy')).toBe(key)
    expect(changed('b', 'queuing')).not.toBe(key)
    expect(changed('c', 'heavy')).not.toBe(key)
    expect(marksKey({ ...shown, chosen: undefined })).not.toBe(key)
    for (const id of ['a', 'b', 'c']) expect(marksKey({ ...shown, hollow: new Set([id]) })).not.toBe(key)
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

it('the grid has lines a round number of kilometres apart, not more than a few across the city', () => {
  expect(gridOf([16, 48, 16.02, 48.01]).properties.grid).toBe(0.2)
  expect(gridOf([16, 48, 16.2, 48.1]).properties.grid).toBe(2)
  const [[first], , [third]] = gridOf([0, 0, 0.01, 0.01]).geometry.coordinates as [[number[]], unknown, [number[]]]
  expect(((third[0] ?? 0) - (first[0] ?? 0)) * 111.2).toBeCloseTo(0.2)
})
