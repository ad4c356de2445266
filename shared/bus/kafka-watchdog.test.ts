import { afterEach, expect, it } from '@jest/globals'
import { createInlet } from './inlet.ts'
import { createWatchdog, type Slot, type Watchdog } from './kafka-watchdog.ts'

let watchdog: Watchdog
afterEach(() => watchdog.stop())

/** A watchdog over one partition, looked at by hand. */
function watched() {
  const state = { now: 0, end: 10n, answers: 0, stalls: 0, holes: [] as bigint[] }
  const fresh = (): Slot => ({ topic: 't', partition: 0, inlet: createInlet(), paused: false })
  let slot = fresh()
  slot.inlet.start(4n)
  watchdog = createWatchdog({
    slots: () => [slot],
    cluster: { ends: async () => [], knownEnd: () => state.end },
    topics: ['t'],
    stallMs: 1000,
    answers: () => state.answers,
    onStall() {
      state.stalls++
      slot = fresh()
      slot.inlet.start(4n)
    },
    onHole: (_slot, end) => state.holes.push(end),
    now: () => state.now,
  })
  return {
    state,
    slot: () => slot,
    /** Looks, and again after `ms`, in which the broker has answered so often. */
    async after(ms: number, answers = 10) {
      await watchdog.look()
      state.now += ms
      state.answers += answers
      await watchdog.look()
    },
  }
}

it('lets a reader be that moves, that has all there is, that waits to be read, or that nobody reads', async () => {
  const { state, slot, after } = watched()
  await after(900)
  slot().inlet.add([], 5n)
  await after(900)
  slot().paused = true
  await after(5000)
  slot().paused = false
  slot().inlet.add([], 10n)
  await after(5000)
  slot().inlet.lose()
  await after(5000)
  expect(state).toMatchObject({ stalls: 0, holes: [] })
})

it('renews a client that has read nothing for too long, then takes the rest for a hole', async () => {
  const { state, after } = watched()
  await after(1000)
  expect(state).toMatchObject({ stalls: 1, holes: [] })
  await after(1000)
  expect(state).toMatchObject({ stalls: 1, holes: [10n] })
})

it('takes nothing for a hole that a broker without an answer did not show', async () => {
  const { state, after } = watched()
  await after(1000)
  await after(1000, 0)
  expect(state).toMatchObject({ stalls: 2, holes: [] })
})

it('takes nothing for a hole while the end moves', async () => {
  const { state, after } = watched()
  await after(1000)
  state.end = 11n
  await after(1000)
  expect(state).toMatchObject({ stalls: 2, holes: [] })
})

it('leaves a client time to join before it counts as stalled again', async () => {
  const slot: Slot = { topic: 't', partition: 0, inlet: createInlet(), paused: false }
  slot.inlet.start(4n)
  const [times, stalls] = [{ now: 0 }, [] as number[]]
  watchdog = createWatchdog({
    slots: () => [slot],
    cluster: { ends: async () => [], knownEnd: () => 10n },
    topics: ['t'],
    stallMs: 1000,
    answers: () => 0,
    onStall: () => stalls.push(times.now),
    onHole: () => {},
    now: () => times.now,
  })
  for (; times.now <= 3000; times.now += 250) await watchdog.look()
  expect(stalls).toEqual([1000, 2250])
})
