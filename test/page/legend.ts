import type { Page } from 'playwright-core'

/** How a level is drawn: its colour, and what else tells it. */
export interface Look {
  level: string
  colour: string
  cue: string
}

/** The levels as the browser computes them in the legend, and the grounds they are drawn on. */
export function legendOf(page: Page): Promise<{ looks: Look[]; grounds: string[] }> {
  return page.evaluate(() => {
    const groundOf = (element: Element): string => {
      const { backgroundColor } = getComputedStyle(element)
      const isClear = backgroundColor === 'rgba(0, 0, 0, 0)' || backgroundColor === 'transparent'
      return isClear && element.parentElement ? groundOf(element.parentElement) : backgroundColor
    }
    const looks = [...document.querySelectorAll('#legend [data-level]')].map((row) => {
      const line = row.querySelector('svg line')
      if (!line) throw new Error(`${row.getAttribute('data-level')} has no line`)
      const { stroke, strokeWidth, strokeDasharray } = getComputedStyle(line)
      return {
        level: row.getAttribute('data-level') ?? '',
        colour: stroke,
        cue: `${strokeWidth}, ${strokeDasharray}`,
      }
    })
    const grounds = ['#legend', '.maplibregl-map', 'body'].map((part) =>
      groundOf(document.querySelector(part) as Element),
    )
    return { looks, grounds: [...new Set(grounds)] }
  })
}
