import { describe, expect, it } from '@jest/globals'
import { asDeuteranope, contrastOf, distanceOf } from './colour.ts'

describe('colours as a deuteranope sees them', () => {
  it.each([
    ['white', '#fff'],
    ['black', '#000'],
    ['#ff0000', '#a39000'],
    ['#00ff00', '#efd63a'],
    ['rgb(0 0 255)', '#003dfb'],
  ])('%s looks like %s', (colour, seen) => {
    expect(asDeuteranope(colour)).toBe(seen)
  })

  it('lie closer where only green and red tell them apart', () => {
    const [red, green] = ['#c8102e', '#5a7a00']
    expect(distanceOf(red, green)).toBeGreaterThan(50)
    expect(distanceOf(asDeuteranope(red), asDeuteranope(green))).toBeLessThan(15)
  })
})

describe('the distance and the contrast of colours', () => {
  it('are none between equal ones', () => {
    expect(distanceOf('#123456', 'rgb(18, 52, 86)')).toBeCloseTo(0)
    expect(contrastOf('#123456', '#123456')).toBe(1)
  })

  it("are WCAG's and CIE's", () => {
    expect(contrastOf('#777', '#fff')).toBeCloseTo(4.48, 2)
    // Pair 1 of the test data of Sharma, Wu and Dalal 2005.
    expect(distanceOf('lab(50 2.6772 -79.7751)', 'lab(50 0 -82.7485)')).toBeCloseTo(2.0425, 3)
  })
})
