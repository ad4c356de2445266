import Color from 'colorjs.io'

/** Deuteranopia at full strength, over linear RGB (Machado, Oliveira and Fernandes 2009, table 1). */
const DEUTERANOPIA = [
  [0.367322, 0.860646, -0.227968],
  [0.280085, 0.672501, 0.047413],
  [-0.01182, 0.04294, 0.968881],
] as const

type Rgb = [number, number, number]

/** How somebody without green cones sees a CSS colour. */
export function asDeuteranope(css: string): string {
  const [r, g, b] = new Color(css).to('srgb-linear').coords.map((value) => value ?? 0) as Rgb
  const seen = DEUTERANOPIA.map(([ofRed, ofGreen, ofBlue]) =>
    Math.min(1, Math.max(0, ofRed * r + ofGreen * g + ofBlue * b)),
  ) as Rgb
  return new Color('srgb-linear', seen).to('srgb').toString({ format: 'hex' })
}

/** WCAG's contrast of two CSS colours, from 1 to 21. */
export const contrastOf = (one: string, other: string): number => new Color(one).contrast(other, 'WCAG21')

/** How far apart two CSS colours look (CIEDE2000): 1 is just seen side by side, 10 at a glance. */
export const distanceOf = (one: string, other: string): number => new Color(one).deltaE(other, '2000')
