const { max } = Math

/** What meets at a junction in one step; row i is a way in, column j a way out. */
export interface Meeting {
  /** Vehicles that want through, by way in. */
  sending: Float64Array
  /** Rank of each way in where they compete: the vehicles it can bring at most. */
  priority: Float64Array
  /** Vehicles that find room, by way out. */
  receiving: Float64Array
  /** Share of way in i that turns to way out j, at i * outs + j; each row adds up to 1. */
  turns: Float64Array
}

/**
 * The vehicles that pass, by way in, written to `passing`. First come is first served on each way in, so who cannot turn
 * holds up those behind; ways in that want more than there is room for share it by their priorities, and one that wants
 * less than its share leaves the rest to the others (Tampère et al. 2011). No exit takes more than it has room for, and
 * no more passes than wants to.
 */
export const resolve = ({ sending, priority, receiving, turns }: Meeting, passing: Float64Array): void => {
  const ins = sending.length
  const outs = receiving.length
  if (fits(sending, receiving, turns)) {
    passing.set(sending)
    return
  }
  const room = Float64Array.from(receiving)
  const open = Array.from({ length: ins }, (_, i) => (sending[i] as number) > 0)
  passing.fill(0)
  const settle = (i: number, vehicles: number) => {
    passing[i] = vehicles
    open[i] = false
    for (let j = 0; j < outs; j += 1) {
      room[j] = max(0, (room[j] as number) - vehicles * (turns[i * outs + j] as number))
    }
  }
  for (;;) {
    let scarcest = -1
    let share = Number.POSITIVE_INFINITY
    for (let j = 0; j < outs; j += 1) {
      let wanted = 0
      for (let i = 0; i < ins; i += 1) if (open[i]) wanted += (priority[i] as number) * (turns[i * outs + j] as number)
      if (wanted <= 0 || (room[j] as number) / wanted >= share) continue
      share = (room[j] as number) / wanted
      scarcest = j
    }
    if (scarcest < 0) {
      for (let i = 0; i < ins; i += 1) if (open[i]) passing[i] = sending[i] as number
      return
    }
    const contenders = open.flatMap((is, i) => (is && (turns[i * outs + scarcest] as number) > 0 ? [i] : []))
    const modest = contenders.filter((i) => (sending[i] as number) <= share * (priority[i] as number))
    if (modest.length > 0) for (const i of modest) settle(i, sending[i] as number)
    else for (const i of contenders) settle(i, share * (priority[i] as number))
  }
}

const fits = (sending: Float64Array, receiving: Float64Array, turns: Float64Array): boolean => {
  const outs = receiving.length
  for (let j = 0; j < outs; j += 1) {
    let wanted = 0
    for (let i = 0; i < sending.length; i += 1) wanted += (sending[i] as number) * (turns[i * outs + j] as number)
    if (wanted > (receiving[j] as number)) return false
  }
  return true
}
