import { describe, expect, it } from '@jest/globals'
import { Level } from '#shared/contracts/traffic.ts'
import { isSlow, LEVELS, lookOf, rankOf } from './levels.ts'

/** Relative luminance of `#rrggbb` (WCAG 2). */
function luminance(colour: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

const contrast = (a: string, b: string): number => {
  const [light = 0, dark = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x)
  return (light + 0.05) / (dark + 0.05)
}

describe('the table of levels', () => {
  it('has every level of the contract once', () => {
    expect(LEVELS.map(({ level }) => level).sort()).toEqual([...Level.options].sort())
  })

  it('tells what is slow from what is not', () => {
    expect(LEVELS.filter(({ level }) => isSlow(level)).map(({ level }) => level)).toEqual([
      'closed',
      'stationary',
      'queuing',
      'slow',
    ])
    expect(rankOf('closed')).toBe(0)
  })

  it.each(['light', 'dark'] as const)('has levels beside each other differ in brightness, in %s', (theme) => {
    const flow = ['stationary', 'queuing', 'slow', 'heavy', 'free'] as const
    for (const [i, level] of flow.slice(1).entries()) {
      const worse = lookOf(flow[i] ?? 'unknown')
      expect(contrast(worse.colour[theme], lookOf(level).colour[theme])).toBeGreaterThan(1.3)
    }
  })

  it('draws the worse of two levels wider, or with other dashes', () => {
    const drawn = LEVELS.map(({ width, dash }) => `${width} ${dash}`)
    expect(new Set(drawn).size).toBe(LEVELS.length)
    const flow = (['free', 'heavy', 'slow', 'queuing', 'stationary'] as const).map((level) => lookOf(level).width)
    expect(flow).toEqual([...flow].sort((a, b) => a - b))
  })
})
