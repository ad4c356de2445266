import type { Page } from 'playwright-core'

/** Of the pixels that the map shows, how many are of each of these colours (`rgb(1, 2, 3)`), up to what antialiasing makes of it. */
export async function paintedPixels(page: Page, colours: string[]): Promise<Map<string, number>> {
  const clip = await page.locator('canvas.maplibregl-canvas').boundingBox()
  if (!clip) throw new Error('there is no map')
  const picture = (await page.screenshot({ clip })).toString('base64')
  // On a page without a policy, for the picture is read by the browser itself.
  const reader = await page.context().newPage()
  const counts = await reader.evaluate(
    async ([base64, wanted]) => {
      const image = new Image()
      image.src = `data:image/png;base64,${base64}`
      await image.decode()
      const { width, height } = image
      const drawing = new OffscreenCanvas(width, height).getContext('2d')
      if (!drawing) throw new Error('no canvas to read the picture')
      drawing.drawImage(image, 0, 0)
      const { data } = drawing.getImageData(0, 0, width, height)
      const colours = wanted.map((colour) => (colour.match(/[\d.]+/g) ?? []).map(Number))
      const counts = wanted.map(() => 0)
      for (let at = 0; at < data.length; at += 4)
        for (const [i, colour] of colours.entries())
          if ([0, 1, 2].every((part) => Math.abs((data[at + part] ?? 0) - (colour[part] ?? 0)) <= 3))
            counts[i] = (counts[i] ?? 0) + 1
      return counts
    },
    [picture, colours] as const,
  )
  await reader.close()
  return new Map(colours.map((colour, i) => [colour, counts[i] ?? 0]))
}
