import { describe, expect, it } from '@jest/globals'
import { hrefOf, parseRoute } from './route.ts'

describe('the address of a view', () => {
  it.each([
    ['', { view: 'map', segment: undefined }],
    ['#/', { view: 'map', segment: undefined }],
    ['#/list', { view: 'list', segment: undefined }],
    ['#/operator', { view: 'operator', segment: undefined }],
    ['#/?segment=ring+1%2Fa', { view: 'map', segment: 'ring 1/a' }],
    ['#/nonsense', { view: 'map', segment: undefined }],
  ] as const)('%s is read', (hash, route) => {
    expect(parseRoute(hash)).toEqual(route)
  })

  it('is read as it was written, whatever the name of the segment', () => {
    const route = { view: 'list' as const, segment: 'a&b=#?/ü' }
    expect(hrefOf(route)).toBe('#/list?segment=a%26b%3D%23%3F%2F%C3%BC')
    expect(parseRoute(hrefOf(route))).toEqual(route)
  })
})
