import { describe, expect, it } from '@jest/globals'
import { hrefOf, parseRoute } from './route.ts'

describe('the address of a view', () => {
  it.each([
    ['', { view: 'map' }],
    ['#/', { view: 'map' }],
    ['#/list', { view: 'list' }],
    ['#/operator', { view: 'operator' }],
    ['#/?segment=ring+1%2Fa', { view: 'map', segment: 'ring 1/a' }],
    ['#/?in=30', { view: 'map', minutes: 30 }],
    ['#/list?segment=ring-1&in=5', { view: 'list', segment: 'ring-1', minutes: 5 }],
    ['#/?in=soon', { view: 'map' }],
    ['#/?in=0', { view: 'map' }],
    ['#/?in=100', { view: 'map' }],
    ['#/nonsense', { view: 'map' }],
  ] as const)('%s is read', (hash, route) => {
    expect(parseRoute(hash)).toEqual({ segment: undefined, minutes: undefined, ...route })
  })

  it('is read as it was written, whatever the name of the segment', () => {
    const route = { view: 'list' as const, segment: 'a&b=#?/ü', minutes: 30 }
    expect(hrefOf(route)).toBe('#/list?segment=a%26b%3D%23%3F%2F%C3%BC&in=30')
    expect(parseRoute(hrefOf(route))).toEqual(route)
  })

  it('says nothing of what is not asked for', () => {
    expect(hrefOf({ view: 'map', segment: undefined, minutes: undefined })).toBe('#/')
    expect(hrefOf({ view: 'list', segment: undefined, minutes: 15 })).toBe('#/list?in=15')
  })
})
