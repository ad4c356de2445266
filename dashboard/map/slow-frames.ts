/** Slower than 30 a second is seen. */
const SLOW_MS = 1000 / 30
/** So many slow frames together are no mere hiccup. */
const SLOW_FRAMES = 4

/** Calls back once when the browser's frames come too slowly; returns what ends the watch. */
export function watchFrames(onSlow: () => void): () => void {
  let last = performance.now()
  let slow = 0
  let next = requestAnimationFrame(look)
  function look(now: number) {
    slow = now - last > SLOW_MS ? slow + 1 : 0
    last = now
    if (slow >= SLOW_FRAMES) onSlow()
    else next = requestAnimationFrame(look)
  }
  return () => cancelAnimationFrame(next)
}
