import type { Map as GlMap } from 'maplibre-gl'

/** Slower than 30 a second is seen. */
const SLOW_MS = 1000 / 30
/** So many slow frames together are no mere hiccup. */
const SLOW_FRAMES = 4
/** Drawing costs by the pixel where no graphics card does it: half in both directions is a quarter of them. */
const COARSE = 0.5

/** Draws the map coarser while it moves where its frames would come too slowly, and sharp again once it stands. */
export function keepPace(map: GlMap): void {
  let isSlow = false
  let watching = 0
  const sharpness = (share: number) => {
    if (map.getPixelRatio() !== share * devicePixelRatio) map.setPixelRatio(share * devicePixelRatio)
  }

  /** Looks at the browser's own frames: those of the map stop with the hand that drags it. */
  const watch = () => {
    cancelAnimationFrame(watching)
    if (isSlow) return
    let last = performance.now()
    let slow = 0
    const look = (now: number) => {
      slow = now - last > SLOW_MS ? slow + 1 : 0
      last = now
      isSlow = slow >= SLOW_FRAMES
      if (!isSlow) watching = requestAnimationFrame(look)
    }
    watching = requestAnimationFrame(look)
  }

  for (const kind of ['drag', 'zoom'] as const) {
    map.on(`${kind}start`, watch)
    map.on(kind, () => {
      if (isSlow) sharpness(COARSE)
    })
    map.on(`${kind}end`, () => cancelAnimationFrame(watching))
  }
  map.on('idle', () => sharpness(1))
}
