/** A box on the screen, in pixels. */
export interface Box {
  left: number
  top: number
  width: number
  height: number
}

/** Where a name stands beside its road: which corner or edge of it is nearest, and how far from the road that is. */
export interface Side {
  anchor: 'bottom' | 'left' | 'bottom-left' | 'top-left'
  offset: [x: number, y: number]
}

/** The side on which a name does not lie on a road that rises by so many degrees. */
export function sideOf(degrees: number): Side {
  const steep = Math.abs(degrees)
  if (steep < 20) return { anchor: 'bottom', offset: [0, -8] }
  if (steep > 70) return { anchor: 'left', offset: [8, 0] }
  return degrees < 0 ? { anchor: 'bottom-left', offset: [5, -3] } : { anchor: 'top-left', offset: [5, 3] }
}

/** The box of a name of this size at a point of the screen. */
export function boxAt(point: { x: number; y: number }, side: Side, size: { width: number; height: number }): Box {
  const { anchor, offset } = side
  const [x, y] = [point.x + offset[0], point.y + offset[1]]
  const left = anchor === 'bottom' ? x - size.width / 2 : x
  const top = { bottom: y - size.height, 'bottom-left': y - size.height, left: y - size.height / 2, 'top-left': y }[
    anchor
  ]
  return { left, top, ...size }
}

/** Which of the boxes, in the order of their weight, have room in the frame without lying on one before them. */
export function withRoom(boxes: readonly Box[], frame: { width: number; height: number }): boolean[] {
  const kept: Box[] = []
  return boxes.map((box) => {
    const inside =
      box.left >= 0 && box.top >= 0 && box.left + box.width <= frame.width && box.top + box.height <= frame.height
    const apart = kept.every(
      (other) =>
        box.left >= other.left + other.width ||
        other.left >= box.left + box.width ||
        box.top >= other.top + other.height ||
        other.top >= box.top + box.height,
    )
    if (inside && apart) kept.push(box)
    return inside && apart
  })
}
