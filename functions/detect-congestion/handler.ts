import { defineFunction } from '#shared/function/define.ts'
import { openDays } from './days.ts'
import { stateOf, type WindowRow } from './evaluate.ts'
import { oldDays, PURGE_CHUNK, purgeReadings } from './purge.ts'
import { keepReadings, windowsOf } from './readings.ts'
import { sift } from './sample.ts'
import { lockSegments, placeOnSegments } from './segments.ts'
import { atOnce, CHUNK, closeSilent, dueWindows, oldestOpen, wakeFor } from './silence.ts'
import { evaluateWindows } from './windows.ts'

/** Readings to traffic states; the lock of segments is an argument so that a test can show what it is for. */
export const detectCongestion = (parts = { lockSegments }) =>
  defineFunction({
    name: 'detect-congestion',
    consumes: ['readings'],
    produces: ['traffic.states', 'readings.late'],

    async onEvents(events, { sql, now, settings }) {
      const { samples, late } = sift(
        events.map(({ data }) => data),
        settings,
      )
      if (samples.length === 0) return { events: late.map(lateEvent) }

      const placed = await placeOnSegments(sql, samples)
      await parts.lockSegments(sql, placed)
      const days = await openDays(sql, windowsOf(placed), settings.windowMs)
      const isSealed = ({ segment, window }: { segment: string; window: number }) => days.isSealed(segment, window)
      late.push(...placed.filter(isSealed).map(({ reading }) => reading))

      const fresh = placed.filter((sample) => !isSealed(sample))
      const touched = await keepReadings(sql, fresh)
      const { written, changed } = await evaluateWindows(sql, touched, days, settings.windowMs)
      const open = written.filter((row) => row.open).map((row) => row.window)
      return {
        events: [...late.map(lateEvent), ...changed.sort(byWindow).map((row) => stateEvent(row, now(), settings))],
        wakeAt: wakeFor(open, now(), settings.windowMs),
      }
    },

    /** Closes the windows of segments that fell silent, and purges readings that nothing needs any more. */
    async onAlarm(_tick, { sql, now, settings }) {
      const { windowMs } = settings
      const due = await dueWindows(sql, now(), windowMs)
      const old = await oldDays(sql, now(), settings)
      await parts.lockSegments(sql, [...due, ...old])
      await purgeReadings(sql, old)
      const closed = await closeSilent(sql, due, windowMs)
      const more = due.length === CHUNK || old.length === PURGE_CHUNK
      return {
        events: closed.sort(byWindow).map((row) => stateEvent(row, now(), settings)),
        wakeAt: more ? atOnce(now(), windowMs) : wakeFor(await oldestOpen(sql), now(), windowMs),
      }
    },
  })

type Reading = Parameters<typeof sift>[0][number]
const lateEvent = (data: Reading) => ({ topic: 'readings.late' as const, data })

const stateEvent = (row: WindowRow, now: Date, settings: Parameters<typeof stateOf>[2]) => ({
  topic: 'traffic.states' as const,
  data: stateOf(row, now, settings),
})

const byWindow = (a: WindowRow, b: WindowRow): number => a.window - b.window || (a.segment < b.segment ? -1 : 1)

export default detectCongestion()
