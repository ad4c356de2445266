import type { Map as GlMap, LngLat } from 'maplibre-gl'
import { watchFrames } from './slow-frames.ts'

/** A hand that rests so long wants to see what it came to. */
const REST_MS = 120
/** No more than this share of the map is ever left without roads. */
const BARE = 0.5
/** As MapLibre: a hand that moves less clicks. */
const CLICK_PX = 3

/**
 * Where frames come too slowly to draw each one, as without a graphics card, a mouse that drags carries the picture that is
 * drawn, and the map is drawn anew when the hand rests.
 */
export function carryPicture(map: GlMap): void {
  const box = map.getContainer()
  const picture = map.getCanvasContainer()
  let isSlow = false
  let unwatch = () => {}
  /** Where the mouse that is held down was last, and the place that it took hold of. */
  let hand: { x: number; y: number; pointer: number; place: LngLat } | undefined
  let carrying = false
  let carried = { x: 0, y: 0 }
  let drawing = false
  let rest: ReturnType<typeof setTimeout> | undefined

  const carry = (x: number, y: number) => {
    carried = { x: carried.x + x, y: carried.y + y }
    picture.style.transform = carried.x === 0 && carried.y === 0 ? '' : `translate(${carried.x}px, ${carried.y}px)`
  }

  const drawSoon = () => {
    clearTimeout(rest)
    rest = setTimeout(draw, REST_MS)
  }

  const draw = () => {
    const { x, y } = carried
    if (drawing) return drawSoon()
    if (x === 0 && y === 0) return
    drawing = true
    // The picture that was carried makes way in the very frame that shows the new one.
    map.once('render', () => {
      drawing = false
      carry(-x, -y)
    })
    map.panBy([-x, -y], { animate: false })
  }

  const pointIn = (x: number, y: number): [number, number] => {
    const { left, top } = box.getBoundingClientRect()
    return [x - left - box.clientLeft, y - top - box.clientTop]
  }

  map.on('dragstart', () => {
    unwatch = watchFrames(() => {
      isSlow = true
      picture.style.willChange = 'transform'
      if (!hand) return
      map.stop()
      map.dragPan.disable()
      // MapLibre drops what it has not drawn of the drag.
      box.setPointerCapture(hand.pointer)
      carrying = true
      const drawn = map.project(hand.place)
      const [x, y] = pointIn(hand.x, hand.y)
      carry(x - drawn.x, y - drawn.y)
      drawSoon()
    })
  })
  map.on('dragend', () => unwatch())

  picture.addEventListener('pointerdown', ({ pointerType, pointerId, button, ctrlKey, shiftKey, clientX, clientY }) => {
    carrying = false
    const drags = pointerType === 'mouse' && button === 0 && !ctrlKey && !shiftKey
    if (drags) hand = { x: clientX, y: clientY, pointer: pointerId, place: map.unproject(pointIn(clientX, clientY)) }
    if (!isSlow) return
    if (drags) map.dragPan.disable()
    else map.dragPan.enable()
  })
  const letGo = () => {
    hand = undefined
    draw()
  }
  box.addEventListener('pointermove', ({ pointerId, buttons, clientX, clientY }) => {
    if (!hand) return
    // It was let go elsewhere, before the pointer was captured.
    if ((buttons & 1) === 0) return letGo()
    const [x, y] = [clientX - hand.x, clientY - hand.y]
    if (!carrying && Math.hypot(x, y) < CLICK_PX) return
    hand = { ...hand, x: clientX, y: clientY }
    if (!isSlow) return
    if (!carrying) box.setPointerCapture(pointerId)
    carrying = true
    carry(x, y)
    drawSoon()
    if (Math.abs(carried.x) > BARE * box.clientWidth || Math.abs(carried.y) > BARE * box.clientHeight) draw()
  })
  for (const kind of ['pointerup', 'pointercancel'] as const) box.addEventListener(kind, letGo)
  map.on('remove', () => clearTimeout(rest))
  // The picture came along: for MapLibre the mouse has not moved.
  box.addEventListener(
    'click',
    (event) => {
      if (carrying) event.stopPropagation()
    },
    true,
  )
}
