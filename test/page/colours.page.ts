import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { Browser } from 'playwright-core'
import { until } from '../e2e/runtime.ts'
import { openBrowser } from './chromium.ts'
import { type City, liveTown, openCity } from './city.ts'
import { asDeuteranope, contrastOf, distanceOf } from './colour.ts'
import { type Look, legendOf } from './legend.ts'
import { paintedPixels } from './painted.ts'
import { ROADS } from './roads.ts'
import { open, type Visit, visit } from './visit.ts'

/** Seen at a glance, and not only side by side (CIEDE2000). */
const APART = 10
/** WCAG 2.2, 1.4.11: what is drawn against what lies beside it. */
const NON_TEXT = 3
/** Pixels of one colour that are more than the edge of something else. */
const A_LINE = 40

let city: City
let browser: Browser
beforeAll(async () => {
  ;[city, browser] = await Promise.all([openCity(), openBrowser()])
  await liveTown(city)
})
afterAll(async () => {
  await browser?.close()
  await city?.close()
})

/** The levels next to each other that look alike, to people who see as `seen` tells. */
const alike = (looks: Look[], seen: (colour: string) => string): string[] =>
  looks.flatMap(({ level, colour }, i) => {
    const next = looks[i + 1]
    if (next === undefined) return []
    const distance = distanceOf(seen(colour), seen(next.colour))
    return distance < APART ? [`${level} ${colour} and ${next.level} ${next.colour}: ${distance.toFixed(1)}`] : []
  })

/** The levels that hardly stand out from the ground. */
const faint = (looks: Look[], ground: string, seen: (colour: string) => string): string[] =>
  looks.flatMap(({ level, colour }) => {
    const contrast = contrastOf(seen(colour), seen(ground))
    return contrast < NON_TEXT ? [`${level} ${colour} on ${ground}: ${contrast.toFixed(2)}`] : []
  })

const eyes: [string, (colour: string) => string][] = [
  ['most people', (colour) => colour],
  ['a deuteranope', asDeuteranope],
]

describe.each(['light', 'dark'] as const)('the levels in %s', (colorScheme) => {
  let reader: Visit
  let looks: Look[]
  let grounds: string[]
  beforeAll(async () => {
    reader = await visit(browser, { colorScheme })
    await open(reader.page, city.page, 'map')
    ;({ looks, grounds } = await legendOf(reader.page))
  })
  afterAll(() => reader?.close())

  it('are all in the legend', () => {
    expect(looks.map(({ level }) => level)).toEqual([
      ...['closed', 'stationary', 'queuing', 'slow', 'heavy', 'free', 'unknown'],
    ])
  })

  it.each(eyes)('are apart from the next for %s', (_who, seen) => {
    expect(alike(looks, seen)).toEqual([])
  })

  it.each(eyes)('stand out from the ground for %s', (_who, seen) => {
    expect(grounds.flatMap((ground) => faint(looks, ground, seen))).toEqual([])
  })

  it('differ from the next by width or dashes, too', () => {
    const cues = looks.map(({ cue }) => cue)
    expect(cues.filter((cue, i) => cue === cues[i + 1])).toEqual([])
  })

  it.each(['map', 'panel'] as const)('are what the map paints, seen with the %s', async (view) => {
    await open(reader.page, city.page, view)
    const present = looks.filter(({ level }) => ROADS.some((road) => road.level === level))
    const colours = present.map(({ colour }) => colour)
    await until('the map shows each of them', async () => {
      const painted = await paintedPixels(reader.page, colours)
      return [...painted.values()].every((pixels) => pixels >= A_LINE)
    })
  })
})

describe('levels that look the same', () => {
  const look = (level: string, colour: string): Look => ({ level, colour, cue: '' })

  it('would be found, also when only a deuteranope takes them for one', () => {
    expect(alike([look('slow', '#c33'), look('free', '#c33')], (colour) => colour)).toHaveLength(1)
    const redAndGreen = [look('slow', '#c2593f'), look('free', '#8a7a3b')]
    expect([alike(redAndGreen, (colour) => colour), alike(redAndGreen, asDeuteranope)]).toEqual([
      [],
      [expect.stringContaining('slow')],
    ])
  })

  it('as the ground would be found', () => {
    expect(faint([look('free', '#999')], '#fff', (colour) => colour)).toEqual(['free #999 on #fff: 2.85'])
  })
})
