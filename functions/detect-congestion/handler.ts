import { defineFunction } from '#shared/function/define.ts'
import { openDays } from './days.ts'
import { stateOf, type WindowRow } from './evaluate.ts'
import { bygoneDays, oldDays, PURGE_CHUNK, purgeReadings, purgeStates } from './purge.ts'
import { keepReadings, windowsOf } from './readings.ts'
import { sift } from './sample.ts'
import { lockSegments, placeOnSegments } from './segments.ts'
import { hasFaults, keepHealth, nextDay, purgeHealth } from './sensors.ts'
import { atOnce, CHUNK, closeSilent, dueWindows, oldestOpen, wakeFor } from './silence.ts'
import { evaluateWindows } from './windows.ts'

/** Readings to traffic states; what a guarantee hangs on is an argument, so that a test can show what it is for. */
export const detectCongestion = (parts = { lockSegments, keepHealth }) =>
  defineFunction({
    name: 'detect-congestion',
    consumes: ['readings'],
    produces: ['traffic.states', 'readings.late'],

    async onEvents(events, { sql, now, settings }) {
      const readings = events.map(({ data }) => data)
      const { samples, late } = sift(readings, settings)
      if (samples.length === 0) {
        const faults = await parts.keepHealth(sql, readings, late)
        return { events: late.map(lateEvent), wakeAt: faults > 0 ? nextDay(now()) : undefined }
      }

      const placed = await placeOnSegments(sql, samples)
      await parts.lockSegments(sql, placed)
      const days = await openDays(sql, windowsOf(placed), settings.windowMs)
      const faults = await parts.keepHealth(sql, readings, late)
      const isSealed = ({ segment, window }: { segment: string; window: number }) => days.isSealed(segment, window)
      late.push(...placed.filter(isSealed).map(({ reading }) => reading))

      const fresh = placed.filter((sample) => !isSealed(sample))
      const touched = await keepReadings(sql, fresh)
      const { written, changed } = await evaluateWindows(sql, touched, days, settings.windowMs)
      const open = written.filter((row) => row.open).map((row) => row.window)
      return {
        events: [...late.map(lateEvent), ...changed.sort(byWindow).map((row) => stateEvent(row, now(), settings))],
        wakeAt: wakeFor(open, now(), settings.windowMs) ?? (faults > 0 ? nextDay(now()) : undefined),
      }
    },

    /** Closes the windows of segments that fell silent, and purges what nothing needs any more. */
    async onAlarm(_tick, { sql, now, settings }) {
      const { windowMs } = settings
      const due = await dueWindows(sql, now(), windowMs)
      const old = await oldDays(sql, now(), settings)
      const bygone = await bygoneDays(sql, now())
      await parts.lockSegments(sql, [...due, ...old, ...bygone])
      await purgeReadings(sql, old)
      await purgeStates(sql, bygone)
      const closed = await closeSilent(sql, due, windowMs)
      const moreHealth = await purgeHealth(sql, now())
      const more = due.length === CHUNK || old.length === PURGE_CHUNK || bygone.length === PURGE_CHUNK || moreHealth
      const later = async () =>
        wakeFor(await oldestOpen(sql), now(), windowMs) ?? ((await hasFaults(sql)) ? nextDay(now()) : undefined)
      return {
        events: closed.sort(byWindow).map((row) => stateEvent(row, now(), settings)),
        wakeAt: more ? atOnce(now(), windowMs) : await later(),
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
