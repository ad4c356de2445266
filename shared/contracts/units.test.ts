import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { quantities } from './quantities.ts'
import { convert, type Unit, units } from './units.ts'

const unit = (code: string): Unit => {
  const found = units.get(code)
  if (!found) throw new Error(`no unit ${code}`)
  return found
}

const pairs = [...units.keys()].flatMap((from) =>
  [...units.keys()].filter((to) => unit(from).dimension === unit(to).dimension).map((to) => [from, to] as const),
)
const pair = fc.constantFrom(...pairs)
const value = fc.double({ min: -1e6, max: 1e6, noNaN: true })

describe('units', () => {
  it.each([
    [40, 'HM', 'KMH', 64.37376],
    [10, 'MTS', 'KMH', 36],
    [8, 'P1', 'C62', 0.08],
    [32, 'FAH', 'CEL', 0],
    [212, 'FAH', 'CEL', 100],
    [-40, 'FAH', 'CEL', -40],
    [273.15, 'KEL', 'CEL', 0],
    [1013.25, 'A97', 'PAL', 101_325],
    [1, 'BAR', 'PAL', 100_000],
    [0.04, 'GP', 'GQ', 40],
    [2.5, 'KWT', 'WTT', 2_500],
  ])('%d %s in %s is %d', (amount, from, to, expected) => {
    expect(convert(amount, unit(from), unit(to))).toBeCloseTo(expected, 9)
  })

  it('converts there and back to the same value', () => {
    fc.assert(
      fc.property(pair, value, ([from, to], amount) => {
        const back = convert(convert(amount, unit(from), unit(to)), unit(to), unit(from))
        expect(Math.abs(back - amount)).toBeLessThanOrEqual(1e-9 * Math.max(300, Math.abs(amount)))
      }),
    )
  })

  it('keeps the order of values', () => {
    fc.assert(
      fc.property(pair, value, value, ([from, to], a, b) => {
        fc.pre(a < b)
        expect(convert(a, unit(from), unit(to))).toBeLessThanOrEqual(convert(b, unit(from), unit(to)))
      }),
    )
  })

  it('leaves a value in its own unit untouched', () => {
    fc.assert(
      fc.property(fc.constantFrom(...units.keys()), value, (code, amount) => {
        expect(convert(amount, unit(code), unit(code))).toBe(amount)
      }),
    )
  })
})

describe('quantities', () => {
  it.each([...quantities])('%s has a known canonical unit and a range', (_name, quantity) => {
    expect(quantity.canonical).toBe(unit(quantity.unit))
    expect(quantity.min).toBeLessThan(quantity.max)
  })
})
