import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { AxeResults } from 'axe-core'
import type { Page } from 'playwright-core'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** What axe-core finds serious or critical on the page, one line each. */
export async function accessibilityFaults(page: Page): Promise<string[]> {
  await page.evaluate(AXE)
  const { violations } = (await page.evaluate('axe.run()')) as AxeResults
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${id} ${target}: ${failureSummary}`))
}

/** What reaches beyond the side of the window: the page itself, or parts that are cut off there. */
export function overflow(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const { documentElement: root, body } = document
    // Whatever scrolls or clips by itself answers for what lies in it; a map draws beyond its edge.
    const keepsToItself = (element: Element | null): boolean =>
      element !== null &&
      element !== body &&
      (getComputedStyle(element).overflowX !== 'visible' || keepsToItself(element.parentElement))
    const beyond = [...body.querySelectorAll('*')].filter((element) => {
      const { right, left, width, height } = element.getBoundingClientRect()
      const shown = width > 1 && height > 1 && getComputedStyle(element).visibility === 'visible'
      return shown && (right > innerWidth + 1 || left < -1) && !keepsToItself(element.parentElement)
    })
    const named = beyond.map(({ tagName, id, className }) => `${tagName.toLowerCase()}#${id}.${className}`)
    return root.scrollWidth > root.clientWidth ? [`the page is ${root.scrollWidth} px wide`, ...named] : named
  })
}
