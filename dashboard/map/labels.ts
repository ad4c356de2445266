/** A box on the screen, in pixels. */
export interface Box {
  left: number
  top: number
  width: number
  height: number
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
